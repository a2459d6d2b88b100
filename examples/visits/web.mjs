/**
 * The web side of the example: who is signed in at the pages of this server, as their browser's cookie says. It knows nothing of MCP. A real
 * server has all this in its framework, and people in a database.
 */

import { randomBytes, timingSafeEqual } from "node:crypto";
import { text } from "node:stream/consumers";

const passwords = new Map([
  ["ada", "password-of-ada"],
  ["bob", "password-of-bob"],
]);
/** What is known of a browser, by the value of its cookie. */
const sessions = new Map();

/** The session of the browser that asks; `user` is there once somebody signed in. */
export function sessionOf(request) {
  return sessions.get(/(?:^|; )visits=([\w-]+)/.exec(request.headers.cookie ?? "")?.[1] ?? "");
}

/** Shows the form, or signs in and goes on to the page that was wanted. */
export async function login(request, response, url, origin) {
  const next = url.searchParams.get("next") ?? "/";
  if (request.method !== "POST") {
    const fields =
      '<label>Name <input name="name"></label> <label>Password <input name="password" type="password"></label>';
    page(response, 200, "Sign in to Desk", `<form method="post">${fields} <button>Sign in</button></form>`);
    return;
  }
  const form = await formOf(request, origin);
  const name = form.get("name") ?? "";
  if (!isPassword(name, form.get("password") ?? "")) {
    page(response, 403, "That is not right", "<p>Name or password are wrong.</p>");
    return;
  }
  // A new session for who signs in: one that was there before may be known to somebody else.
  const id = randomBytes(32).toString("base64url");
  sessions.set(id, { user: name, leaving: new Map() });
  response.setHeader("Set-Cookie", `visits=${id}; HttpOnly; SameSite=Lax; Path=/`);
  // Only pages of this server: an address of another one would lead the person away.
  redirect(response, new URL(next, origin).origin === origin ? new URL(next, origin).href : origin);
}

function isPassword(name, given) {
  const right = Buffer.from(passwords.get(name) ?? randomBytes(16));
  const said = Buffer.from(given);
  return right.length === said.length && timingSafeEqual(right, said);
}

/** The fields of a form, if a page of this server sent it. Throws otherwise. */
export async function formOf(request, origin) {
  if (request.headers.origin !== origin) throw new Error("The form comes from somewhere else.");
  return new URLSearchParams(await text(request));
}

export function redirect(response, to) {
  response.writeHead(303, { Location: to, "Cache-Control": "no-store" });
  response.end();
}

export function page(response, status, title, body = "") {
  response.writeHead(status, {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    // The address holds the id of the visit, which is no business of other pages.
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
  });
  response.end(`<!doctype html><html lang="en"><title>${plain(title)}</title><h1>${plain(title)}</h1>${body}`);
}

/** Text as HTML. */
export function plain(value) {
  return value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
