/**
 * A server that needs what must not pass through a client: `node examples/visits/server.mjs PORT ISSUER`. For `calendar` the person signs in at
 * a third party (ISSUER, OpenID Connect), whose token stays here, by user; for `buy` they pay on a page. Both pages are good for the person
 * who was asked alone. The handlers are the same in every revision that has pages. Ends with Ctrl-C.
 */

import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { createBoundVisits, createServer } from "mcpwire/server";
import { Type } from "typebox";
import { formOf, login, page, plain, redirect, sessionOf } from "./web.mjs";

const [, , port = "0", issuer = "http://127.0.0.1:1"] = process.argv;
/** What this server is at the third party. A real one keeps its secret elsewhere. */
const app = { id: "desk", secret: "secret-of-desk" };
/** A real server checks tokens that an authorization server gives out. */
const users = new Map([
  ["token-of-ada", "ada"],
  ["token-of-bob", "bob"],
]);
const prices = new Map([
  ["lamp", "30 €"],
  ["chair", "120 €"],
]);
/** Tokens of the third party by user, and what was paid and not yet delivered. */
const tokens = new Map();
const paid = new Set();

/** Signs what comes back: the same on each machine, and kept over restarts, where there is more than this one. */
const keys = [process.env.KEY ?? randomBytes(32)];
const server = createServer({ name: "desk", version: "1.0.0", requestState: { keys } });
const visits = createBoundVisits(server, { keys });

server.tool("calendar", { description: "Says whose calendar is connected." }, async (_args, ctx) => {
  const user = ctx.origin.principal;
  await visits.require(ctx, [
    {
      name: "connect",
      message: "Connect your calendar: you sign in at its provider, and this server may read it.",
      url: (id) => `${origin}/connect?e=${id}`,
      done: () => tokens.has(user),
    },
  ]);
  const answer = await fetch(`${issuer}/me`, { headers: { Authorization: `Bearer ${tokens.get(user)}` } });
  if (!answer.ok) throw new Error(`The calendar refused with ${answer.status}. Connect it again.`);
  return `${user} has connected the calendar of ${(await answer.json()).sub}.`;
});

server.tool("buy", { input: Type.Object({ item: Type.String() }) }, async ({ item }, ctx) => {
  const price = prices.get(item);
  if (price === undefined) throw new Error(`There is no ${item}. There are: ${[...prices.keys()].join(", ")}.`);
  const payment = `${ctx.origin.principal} ${item}`;
  await visits.require(ctx, [
    {
      name: `pay ${item}`,
      message: `Pay ${price} for a ${item}.`,
      url: (id) => `${origin}/pay?item=${item}&e=${id}`,
      done: () => paid.has(payment),
    },
  ]);
  paid.delete(payment);
  return `The ${item} is on its way.`;
});

/** The pages, for people who are signed in; `user` is who that is. */
const pages = {
  "GET /connect"(_request, response, url, session) {
    const elicitationId = url.searchParams.get("e") ?? "";
    visits.check(elicitationId, { user: session.user, name: "connect" });
    const [state, verifier] = [randomBytes(32).toString("base64url"), randomBytes(32).toString("base64url")];
    // Who comes back has to be who left, in the same browser.
    session.leaving.set(state, { elicitationId, verifier });
    const params = {
      client_id: app.id,
      redirect_uri: `${origin}/callback`,
      response_type: "code",
      scope: "openid",
      state,
      code_challenge: createHash("sha256").update(verifier).digest("base64url"),
      code_challenge_method: "S256",
    };
    redirect(response, `${issuer}/auth?${new URLSearchParams(params)}`);
  },

  async "GET /callback"(_request, response, url, session) {
    const { state = "", code, iss = issuer, error } = Object.fromEntries(url.searchParams);
    const left = session.leaving.get(state);
    session.leaving.delete(state);
    if (left === undefined || iss !== issuer) throw new Error("Nobody left for there from this browser.");
    if (error !== undefined) {
      page(response, 200, "Not connected", "<p>Nothing was changed. You can close this page.</p>");
      return;
    }
    const visitor = { user: session.user, name: "connect" };
    visits.check(left.elicitationId, visitor);
    tokens.set(session.user, await tokenFor(code, left.verifier));
    await visits.complete(left.elicitationId, visitor);
    page(response, 200, "Connected", "<p>Your calendar is connected. You can close this page.</p>");
  },

  "GET /pay"(_request, response, url, session) {
    const { item } = paymentIn(url, session);
    const fields = '<label>Card <input name="card"></label> <button>Pay</button>';
    page(
      response,
      200,
      `Pay ${prices.get(item)} for a ${item}`,
      `<p>${plain(session.user)}</p><form method="post">${fields}</form>`,
    );
  },

  async "POST /pay"(request, response, url, session) {
    const { item, elicitationId, visitor } = paymentIn(url, session);
    const card = (await formOf(request, origin)).get("card") ?? "";
    if (!/^[0-9 ]{12,23}$/.test(card)) {
      page(response, 400, "Not paid", "<p>That is no number of a card.</p>");
      return;
    }
    paid.add(`${session.user} ${item}`);
    await visits.complete(elicitationId, visitor);
    page(response, 200, "Paid", "<p>Thank you. You can close this page.</p>");
  },
};

function paymentIn(url, { user }) {
  const { item = "", e: elicitationId = "" } = Object.fromEntries(url.searchParams);
  const visitor = { user, name: `pay ${item}` };
  visits.check(elicitationId, visitor);
  return { item, elicitationId, visitor };
}

/** Changes the code for a token, which never leaves this server. */
async function tokenFor(code, code_verifier) {
  const body = { grant_type: "authorization_code", code, code_verifier, redirect_uri: `${origin}/callback` };
  const answer = await fetch(`${issuer}/token`, {
    method: "POST",
    headers: { Authorization: `Basic ${btoa(`${app.id}:${app.secret}`)}` },
    body: new URLSearchParams(body),
  });
  if (!answer.ok) throw new Error(`The third party gave no token: ${answer.status}.`);
  return (await answer.json()).access_token;
}

const mcp = server.toNodeHandler({
  authenticate(request) {
    const principal = users.get(request.header("authorization")?.replace(/^Bearer /, "") ?? "");
    return principal === undefined ? { status: 401, headers: { "WWW-Authenticate": "Bearer" } } : { principal };
  },
});

async function serve(request, response) {
  const url = new URL(request.url, origin);
  if (url.pathname === "/login") return await login(request, response, url, origin);
  const show = pages[`${request.method} ${url.pathname}`];
  if (show === undefined) return page(response, 404, "There is no such page");
  const session = sessionOf(request);
  if (session !== undefined) return await show(request, response, url, session);
  redirect(response, `${origin}/login?${new URLSearchParams({ next: `${url.pathname}${url.search}` })}`);
}

const http = createHttpServer((request, response) => {
  if (request.url?.split("?")[0] === "/mcp") return mcp(request, response);
  serve(request, response).catch((error) => {
    if (error.code !== "VISIT_REFUSED") console.error(error.message);
    const why = error.code === "VISIT_REFUSED" ? "This link is not for you" : "This did not work";
    page(response, 403, why, "<p>Go back to the application, and begin again there.</p>");
  });
}).listen(Number(port), "127.0.0.1");
await once(http, "listening");
const origin = `http://127.0.0.1:${http.address().port}`;
console.log(`${origin}/mcp`);

for (const signal of ["SIGINT", "SIGTERM"])
  process.once(signal, async () => {
    await server.close();
    http.close();
    http.closeAllConnections();
  });
