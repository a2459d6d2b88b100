/** The public entry `mcpwire/auth`: authorization of a client at MCP servers. */

export { AuthorizationError, type AuthorizationErrorCode } from "../errors.js";
export {
  type Authorization,
  type AuthorizeOptions,
  authorize,
  type SignedIn,
  type SignInOptions,
} from "./authorize.js";
export type { ResourceFetch, ResourceInit } from "./authorized-fetch.js";
export { type Challenge, type Demand, parseChallenges, readDemand } from "./challenge.js";
export type { ClientAuthMethod, ClientCredentials } from "./client-auth.js";
export {
  type ClientDocument,
  type ClientDocumentOptions,
  checkClientDocument,
  createClientDocument,
  serveClientDocument,
} from "./client-document.js";
export type { Place } from "./discovery.js";
export { type EnterpriseOptions, enterpriseManaged, type IdentityProvider } from "./enterprise.js";
export type { FlowState } from "./flow.js";
export { clientCredentials, type Grant, type GrantStep } from "./grant.js";
export type { OutboundFetch, OutboundInit } from "./outbound.js";
export type { FixedRedirect, Redirect, RedirectReceiver, RedirectRequest, RedirectVisit } from "./redirect.js";
export type { ConfiguredClient, Identity } from "./registration.js";
export type { IssuerCheck } from "./server-metadata.js";
export { type AuthStore, createMemoryStore } from "./store.js";
export type { TokenSet } from "./token.js";
export { type WorkloadOptions, workloadIdentity } from "./workload.js";
