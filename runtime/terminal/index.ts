/**
 * What a person at a terminal needs before saying yes to something that a stranger wrote: to see all of it as it is, to be asked, and a
 * browser opened without a shell in between. Requirements SEC-27 to SEC-30, ELIC-50 to ELIC-58.
 */

export { openableUrl } from "./address.js";
export { type AskOptions, askConsent, askYesNo, type Consent } from "./ask.js";
export { type OpenUrlOptions, openUrl } from "./open-url.js";
export {
  type AskedPage,
  type Asker,
  createUrlConsent,
  type UrlConsent,
  type UrlConsentOptions,
} from "./url-consent.js";
export { unlinkedText, visibleText } from "./visible.js";
