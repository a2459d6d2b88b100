/** The public entry `mcpwire/install`: servers that somebody offers to install, and the person's consent before one is started. */

export { commandOf, fillInputs, missingInputs } from "./command.js";
export {
  type Consent,
  type ConsentOptions,
  type ConsentQuestion,
  createConsent,
  type InstallationPreview,
  previewInstallation,
} from "./consent.js";
export type { Installation, InstallationInput, InstallationSource, ServerCommand } from "./contract.js";
export type { Finding, Severity } from "./findings/contract.js";
export { type InspectedCommand, inspectCommand } from "./inspect.js";
export { type ConsentPage, createConsentPage } from "./page.js";
export { type CommandInput, readInstallations } from "./read.js";
export {
  type ConsentEntry,
  type ConsentStore,
  consentFolder,
  createFileConsentStore,
  createMemoryConsentStore,
} from "./store.js";
export { createTerminalDialog } from "./terminal.js";
export { type ConsentView, consentText } from "./view.js";
