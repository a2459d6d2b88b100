/**
 * A real authorization server on this machine, `oidc-provider`, with pages for login and consent that a browser drives. What it is like (clients,
 * people, scopes, resources, further configuration) is the test's to say.
 */

import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { errors, type Interaction, Provider } from "oidc-provider";
import type { Page } from "playwright-core";

/** What the authorization server knows, and how it is set up. */
export interface OidcOptions {
  /** Clients that are registered beforehand, in the words of dynamic registration (`client_id`, `redirect_uris`, …). Default: none. */
  readonly clients?: readonly object[];
  /** Passwords by name; the name is the subject as well. Default: `alice` and `bob`, each with `<name>-password`. */
  readonly people?: Readonly<Record<string, string>>;
  /** Scopes beside `openid` and `offline_access`. Default: none. */
  readonly scopes?: readonly string[];
  /** What tokens can be asked for (RFC 8707), by resource indicator: scopes separated by spaces, form and lifetime of the tokens. */
  readonly resources?: Readonly<Record<string, OidcResource>>;
  /** Members of the configuration of `oidc-provider`, over those made here; `features` are joined. */
  readonly configuration?: { readonly features?: object; readonly [name: string]: unknown };
}

/** One resource server that tokens are made for. */
export interface OidcResource {
  readonly scope: string;
  /** Default: the indicator. */
  readonly audience?: string;
  /** Default `jwt`. */
  readonly accessTokenFormat?: "opaque" | "jwt";
  /** Seconds. Default: that of `oidc-provider`, an hour. */
  readonly accessTokenTTL?: number;
  readonly jwt?: object;
}

/** One request that reached the authorization server. */
export interface OidcRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
}

export interface OidcServer {
  readonly issuer: string;
  readonly provider: Provider;
  /** Everything that was requested, oldest first. */
  readonly requests: readonly OidcRequest[];
  close(): Promise<void>;
}

/** Starts one on a free port of 127.0.0.1. */
export async function startOidc(options: OidcOptions = {}): Promise<OidcServer> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const people = options.people ?? { alice: "alice-password", bob: "bob-password" };
  const provider = new Provider(issuer, configurationOf(options, people));
  const serve = provider.callback();
  const requests: OidcRequest[] = [];
  server.on("request", (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", issuer);
    requests.push({ method: request.method ?? "", path: pathname, query: searchParams, headers: request.headers });
    const answered = pathname.startsWith("/interaction/")
      ? interact(provider, people, request, response)
      : serve(request, response);
    answered.catch((error: unknown) => {
      response.statusCode = 500;
      response.end(String(error));
    });
  });
  return {
    issuer,
    provider,
    requests,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

function configurationOf(options: OidcOptions, people: Readonly<Record<string, string>>): object {
  const { clients = [], scopes = [], resources = {}, configuration = {} } = options;
  return {
    clients,
    scopes: ["openid", "offline_access", ...scopes],
    claims: { openid: ["sub"], email: ["email"] },
    pkce: { required: () => true },
    interactions: { url: (_ctx: unknown, { uid }: Interaction) => `/interaction/${uid}` },
    findAccount: (_ctx: unknown, sub: string) =>
      Object.hasOwn(people, sub) ? { accountId: sub, claims: () => ({ sub, email: `${sub}@example.com` }) } : undefined,
    cookies: { keys: ["a key for tests"] },
    ...configuration,
    features: {
      devInteractions: { enabled: false },
      introspection: { enabled: true, allowedPolicy: () => true },
      revocation: { enabled: true, allowedPolicy: () => true },
      resourceIndicators: {
        enabled: Object.keys(resources).length > 0,
        defaultResource: (_ctx: unknown, _client: unknown, oneOf: unknown) => oneOf ?? [],
        useGrantedResource: () => true,
        getResourceServerInfo(_ctx: unknown, indicator: string) {
          const resource = resources[indicator];
          if (resource === undefined) throw new errors.InvalidTarget("resource indicator is unknown");
          return { audience: indicator, accessTokenFormat: "jwt", ...resource };
        },
      },
      ...configuration.features,
    },
  };
}

/** Shows the page that is due, or takes what was filled in. */
async function interact(
  provider: Provider,
  people: Readonly<Record<string, string>>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const interaction = await provider.interactionDetails(request, response);
  if (request.method !== "POST") {
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.end(pageFor(interaction));
    return;
  }
  const form = new URLSearchParams(await text(request));
  if (form.get("action") === "refuse") {
    const refusal = { error: "access_denied", error_description: "The person refused." };
    await provider.interactionFinished(request, response, refusal, { mergeWithLastSubmission: false });
  } else if (interaction.prompt.name === "login") {
    const name = form.get("name") ?? "";
    if (Object.hasOwn(people, name) && people[name] === form.get("password")) {
      const login = { login: { accountId: name } };
      await provider.interactionFinished(request, response, login, { mergeWithLastSubmission: false });
    } else {
      response.statusCode = 403;
      response.setHeader("content-type", "text/html; charset=utf-8");
      response.end(pageFor(interaction, "Name or password are wrong."));
    }
  } else {
    const consent = { consent: { grantId: await grantOf(provider, interaction) } };
    await provider.interactionFinished(request, response, consent, { mergeWithLastSubmission: true });
  }
}

/** Grants everything that was asked for. */
async function grantOf(provider: Provider, { grantId, params, prompt, session }: Interaction): Promise<string> {
  const known = grantId === undefined ? undefined : await provider.Grant.find(grantId);
  const accountId = session?.accountId ?? "";
  const grant = known ?? new provider.Grant({ accountId, clientId: String(params.client_id) });
  const { missingOIDCScope, missingOIDCClaims, missingResourceScopes } = prompt.details;
  if (missingOIDCScope !== undefined) grant.addOIDCScope(missingOIDCScope.join(" "));
  if (missingOIDCClaims !== undefined) grant.addOIDCClaims(missingOIDCClaims);
  for (const [resource, scopes] of Object.entries(missingResourceScopes ?? {}))
    grant.addResourceScope(resource, scopes.join(" "));
  return await grant.save();
}

function pageFor({ prompt, params, uid }: Interaction, problem = ""): string {
  const fields =
    prompt.name === "login"
      ? '<label>Name <input name="name" autofocus></label><label>Password <input name="password" type="password"></label>'
      : "";
  const title = prompt.name === "login" ? "Sign in" : "Allow access?";
  const asked = [params.client_id, params.scope, params.resource].flat().filter((value) => value !== undefined);
  return `<!doctype html><html lang="en"><title>${title}</title><h1>${title}</h1>
<p role="alert">${problem}</p><p>${asked.map((value) => plain(String(value))).join("<br>")}</p>
<form method="post" action="/interaction/${uid}">${fields}
<button name="action" value="agree">${prompt.name === "login" ? "Sign in" : "Allow"}</button>
<button name="action" value="refuse">Refuse</button></form>`;
}

function plain(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

/** Fills in the login page that the browser stands at, and agrees to what is asked for afterwards. */
export async function signIn(page: Page, name = "alice", password: string = `${name}-password`): Promise<void> {
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await allow(page);
}

/** Agrees on the page of consent that the browser stands at, or comes to. */
export async function allow(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Allow" }).click();
}
