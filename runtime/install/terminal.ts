/** The dialog of the command line. */

import { type AskOptions, askYesNo } from "../terminal/index.js";
import type { ConsentOptions } from "./consent.js";
import { consentText } from "./view.js";

/** Asks at the terminal, for `createConsent`: the whole command, then a `yes` to be typed. Without a terminal the answer is no. */
export function createTerminalDialog(options: AskOptions = {}): ConsentOptions["ask"] {
  return ({ view }) => askYesNo(`${consentText(view)}\n`, options);
}
