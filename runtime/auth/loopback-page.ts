/** The pages that a browser is shown after a sign-in: fixed texts, without scripts and without anything that came with the request. */

import { createHash } from "node:crypto";
import type { ServerResponse } from "node:http";

const PAGES = {
  done: {
    status: 200,
    title: "You are signed in",
    text: "The program that asked for it goes on. You can close this page.",
  },
  refused: {
    status: 200,
    title: "The sign-in was refused",
    text: "The program was not given access, and says more about it. You can close this page.",
  },
  failed: {
    status: 200,
    title: "The sign-in failed",
    text: "The program could not use the answer, and says more about it. You can close this page.",
  },
  spent: {
    status: 410,
    title: "This page was used already",
    text: "An answer to the sign-in came before. Nothing was done with this one.",
  },
  stranger: {
    status: 400,
    title: "This is not the answer that was waited for",
    text: "Nothing was done with it. Go on in the page where you were signing in.",
  },
  method: { status: 405, title: "Not like this", text: "Answers to the sign-in come by GET." },
  elsewhere: {
    status: 404,
    title: "There is nothing here",
    text: "The program waits for a sign-in, at another place.",
  },
} as const;

export type PageName = keyof typeof PAGES;

const STYLE =
  "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:18vh auto;padding:0 1.5rem}h1{font-size:1.5rem}";

const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

export function respondPage(response: ServerResponse, name: PageName): void {
  const { status, title, text } = PAGES[name];
  response.writeHead(status, {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    // The address holds the code.
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    connection: "close",
    ...(name === "method" ? { allow: "GET" } : {}),
  });
  response.end(
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
      `<meta name="color-scheme" content="light dark"><title>${title}</title><style>${STYLE}</style></head>` +
      `<body><main><h1>${title}</h1><p>${text}</p></main></body></html>`,
  );
}
