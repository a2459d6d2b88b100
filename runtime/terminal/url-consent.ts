/**
 * The person at the terminal decides whether a page that a server names is opened, and sees beforehand who asks, where it leads and all of
 * the address. Requirements ELIC-47, ELIC-48, ELIC-50 to ELIC-58.
 */

import { McpWireError } from "../errors.js";
import { openableUrl } from "./address.js";
import { type AskOptions, askConsent } from "./ask.js";
import { type OpenUrlOptions, openUrl } from "./open-url.js";
import { unlinkedText, visibleText, withoutLinks } from "./visible.js";

/** Where to ask, and how to open. */
export interface UrlConsentOptions extends Omit<AskOptions, "signal">, OpenUrlOptions {}

/** What is asked of the person: the params of an elicitation by URL, of which more may be there. */
export interface AskedPage {
  readonly message: string;
  readonly url: string;
}

/** Who asks, and for how long. */
export interface Asker {
  readonly server?: { readonly name: string; readonly title?: string | undefined } | undefined;
  readonly signal?: AbortSignal;
}

/** What the person did: agreed and has the page open, refused, or gave no answer. An alias, since results are open and interfaces are not. */
export type UrlConsent = { readonly action: "accept" | "decline" | "cancel" };

/**
 * Makes the callback `elicitUrl` of a client in a terminal. It shows the page, and opens it in the system's browser after an explicit yes.
 * An address that may not be opened is shown and declined; without a terminal, and where no browser opens, the question is cancelled.
 * Nothing is fetched, and the page is never loaded into this process.
 *
 * Throws what the streams throw.
 */
export function createUrlConsent(
  options: UrlConsentOptions = {},
): (page: AskedPage, asker?: Asker) => Promise<UrlConsent> {
  const { output = process.stderr } = options;
  return async (page, { server, signal } = {}) => {
    const asking = { ...options, signal };
    let url: URL;
    try {
      url = openableUrl(page.url);
    } catch (error) {
      output.write(`${asks(server)}\n${withoutLinks(messageOf(error))}\n`);
      return { action: "decline" };
    }
    switch (await askConsent(questionFor(page, url, server), asking)) {
      case "yes":
        return { action: (await opens(url, asking, output)) ? "accept" : "cancel" };
      case "no":
        return { action: "decline" };
      default:
        return { action: "cancel" };
    }
  };
}

function asks(server: Asker["server"]): string {
  const name = server?.title ?? server?.name;
  const who = name === undefined ? "A server without a name" : `A server that calls itself "${unlinkedText(name)}"`;
  return `${who} wants to send you to a page in your browser.`;
}

function questionFor({ message, url: address }: AskedPage, url: URL, server: Asker["server"]): string {
  const lines = [
    asks(server),
    `  It says: ${unlinkedText(message)}`,
    `  Address: ${visibleText(address)}`,
    ...(address === url.href ? [] : [`  Opened:  ${url.href}`]),
    // After what may be long enough to move all before it out of sight.
    `  Host:    ${url.host}`,
  ];
  if (/(^|\.)xn--/.test(url.hostname))
    lines.push("  Beware:  the host has letters that look like others. It may not be the one you know.");
  return lines.join("\n");
}

/** Without a browser the person may still have one elsewhere. */
async function opens(
  url: URL,
  options: UrlConsentOptions & AskOptions,
  output: NodeJS.WritableStream,
): Promise<boolean> {
  try {
    await openUrl(url, options);
    return true;
  } catch (error) {
    if (!(error instanceof McpWireError) || error.code !== "OPEN_FAILED") throw error;
    output.write(`${error.message}\n`);
    return (await askConsent(`Have you opened ${url.href} yourself?`, options)) === "yes";
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
