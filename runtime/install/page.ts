/**
 * The dialog as a page, for hosts that show web pages: it holds no question itself, so it can be served as a file. The host puts it into a
 * frame, sends the texts over a port, and gets the answer by it. Texts become text nodes only, and the page can load and send nothing.
 */

import { createHash } from "node:crypto";
import { PAGE_SCRIPT } from "./page-script.js";
import { PAGE_STYLE } from "./page-style.js";

export interface ConsentPage {
  readonly html: string;
  /** Headers to serve it with. They allow its own script and style and nothing else. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Makes the page.
 *
 * The page says `{ type: "mcpwire-consent-ready" }` to the window around it. That window answers with `{ type: "mcpwire-consent", view }` and a
 * `MessagePort`, on which the page sends `{ yes: boolean }` once.
 * @param embedders origins of pages that may show it in a frame, such as `https://app.example.com`; default: its own
 */
export function createConsentPage(embedders: readonly string[] = ["'self'"]): ConsentPage {
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(PAGE_SCRIPT)}`,
    `style-src ${hashOf(PAGE_STYLE)}`,
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ];
  // `frame-ancestors` counts in headers alone; the rest also holds for a page that was opened from a file.
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy.join("; ")}">
<meta name="viewport" content="width=device-width">
<meta name="referrer" content="no-referrer">
<title>Start a server?</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<main role="alertdialog" aria-modal="true" aria-labelledby="title" aria-describedby="warning" hidden></main>
<noscript>This page needs its script to show what would be started. Nothing is started.</noscript>
<script>${PAGE_SCRIPT}</script>
</body>
</html>
`;
  return {
    html,
    headers: {
      "Content-Type": "text/html; charset=utf-8",
      "Content-Security-Policy": [...policy, `frame-ancestors ${embedders.join(" ")}`].join("; "),
      "X-Content-Type-Options": "nosniff",
      "Referrer-Policy": "no-referrer",
      "Cross-Origin-Resource-Policy": "same-site",
    },
  };
}

function hashOf(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}
