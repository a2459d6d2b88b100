/**
 * Who the client is at an authorization server: known there already, by the URL of its own document, or registered on the spot.
 * RFC 7591; SEP-991. Requirements AUTH-34 to AUTH-43, AUTH-53, AUTH-61, AUTH-88.
 */

import type { AuthorizationServer } from "oauth4webapi";
import { AuthorizationError } from "../errors.js";
import { AUTH_METHODS, type ClientAuthMethod, type ClientCredentials } from "./client-auth.js";
import { exchange, type Outbound, parseObject } from "./outbound.js";
import type { Keep } from "./store.js";
import { isLoopbackHost, readUrl, shown, shownUrl } from "./urls.js";

/** A client that is known to an authorization server before. */
export interface ConfiguredClient extends ClientCredentials {
  /** The issuer it is known to; without it, the first one it is used at. */
  readonly issuer?: string;
}

/** What an authorization server gave a client that registered itself; plain JSON. */
export interface Registration {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret?: string;
  /** In milliseconds since 1970; absent where it does not expire. */
  readonly secretExpiresAt?: number;
  readonly method: ClientAuthMethod;
  readonly redirectUris: readonly string[];
}

/** What a client says of itself where it registers. */
export interface ClientFacts {
  readonly clientName: string;
  readonly clientUri?: string;
  readonly softwareId?: string;
  readonly softwareVersion?: string;
  readonly applicationType: "native" | "web" | undefined;
}

export interface IdentitySettings {
  readonly clients: readonly ConfiguredClient[];
  readonly clientMetadataUrl: string | undefined;
  readonly facts: ClientFacts;
}

/** A client as it is used. */
export interface Identity extends ClientCredentials {
  readonly kind: "configured" | "document" | "registered";
  /** What a client that registered itself was given, to be kept with what it gets. */
  readonly registration?: Registration;
}

/** The client that something belongs to. */
export interface Owner {
  readonly clientId: string;
  readonly registration?: Registration;
}

/** What the redirect of a sign-in goes to. */
export interface RegistrationWish {
  readonly redirectUri: string;
}

/**
 * Finds who the client is at a server, by what costs least. `wish` is absent where nobody is to be redirected: then nothing is registered.
 * @throws AuthorizationError `NO_CLIENT`, `OTHER_ISSUER`, `REGISTRATION_REFUSED`, and as {@link exchange}.
 */
export async function identify(
  server: AuthorizationServer,
  settings: IdentitySettings,
  wish: RegistrationWish | undefined,
  keep: Keep,
  outbound: Outbound,
): Promise<Identity> {
  const configured = await findConfigured(server.issuer, settings.clients, keep);
  if (configured !== undefined) return { ...configured, kind: "configured" };
  const { clientMetadataUrl } = settings;
  if (clientMetadataUrl !== undefined && server.client_id_metadata_document_supported === true)
    return { clientId: clientMetadataUrl, method: "none", kind: "document" };
  const known = await keep.read("registration", server.issuer);
  if (known !== undefined && stillGood(known, wish)) return fromRegistration(known);
  if (wish !== undefined && server.registration_endpoint !== undefined) {
    const registration = await register(server, settings.facts, wish, outbound);
    await keep.write("registration", registration, server.issuer);
    return fromRegistration(registration);
  }
  const problem = `This client is not known to ${shown(server.issuer)}, and cannot become so by itself.`;
  throw new AuthorizationError("NO_CLIENT", problem, "Register it there by hand, and give its id as `client`.");
}

/**
 * The client that tokens or a sign-in belong to; `undefined` where this client is that one no more. A registration is kept by issuer, and
 * made anew for another redirect URI, as where people sign in at two MCP servers at once: what belongs to the one before has it along.
 */
export async function identifyOwner(
  server: AuthorizationServer,
  settings: IdentitySettings,
  { clientId, registration }: Owner,
  keep: Keep,
  outbound: Outbound,
): Promise<Identity | undefined> {
  const now = await identify(server, settings, undefined, keep, outbound).catch((error: unknown) => {
    if (error instanceof AuthorizationError && error.code === "NO_CLIENT") return undefined;
    throw error;
  });
  if (now?.clientId === clientId) return now;
  if (now !== undefined && now.kind !== "registered") return undefined;
  return registration !== undefined && stillGood(registration, undefined) ? fromRegistration(registration) : undefined;
}

/** Forgets a registration that the server does not know any more. */
export async function dropRegistration(issuer: string, { clientId }: Owner, keep: Keep): Promise<void> {
  const known = await keep.read("registration", issuer);
  if (known?.clientId === clientId) await keep.drop("registration", issuer);
}

/** The configured client of an issuer; one without an issuer belongs to where it was first used (AUTH-41, AUTH-42). */
async function findConfigured(
  issuer: string,
  clients: readonly ConfiguredClient[],
  keep: Keep,
): Promise<ConfiguredClient | undefined> {
  const exact = clients.find((client) => client.issuer === issuer);
  if (exact !== undefined || clients.length === 0) return exact;
  const free = clients.find((client) => client.issuer === undefined);
  // The URL of a document is the same client everywhere (AUTH-43); a secret is shared with one server, so its client is no such one.
  if (free?.clientId.startsWith("https://") === true && free.clientSecret === undefined) return free;
  const pinned = free === undefined ? undefined : await keep.read("pin", free.clientId);
  if (free !== undefined && (pinned === undefined || pinned.issuer === issuer)) {
    await keep.write("pin", { issuer }, free.clientId);
    return free;
  }
  const of = pinned?.issuer ?? clients.map((client) => client.issuer).join(", ");
  const problem = `The MCP server now wants tokens of ${shown(issuer)}, but the configured client is one of ${shown(of)}.`;
  const wayOut = "Its credentials were not sent. If the change is meant, configure a client with that `issuer`.";
  throw new AuthorizationError("OTHER_ISSUER", problem, wayOut);
}

/** The redirect URI of an earlier registration, which is worth using again. */
export function redirectUriOf(known: Registration | undefined): string | undefined {
  return known?.redirectUris[0];
}

function stillGood({ secretExpiresAt, redirectUris }: Registration, wish: RegistrationWish | undefined): boolean {
  if (secretExpiresAt !== undefined && secretExpiresAt <= Date.now()) return false;
  return wish === undefined || redirectUris.includes(wish.redirectUri);
}

function fromRegistration(registration: Registration): Identity {
  const { clientId, clientSecret, method } = registration;
  return {
    kind: "registered",
    clientId,
    method,
    registration,
    ...(clientSecret === undefined ? {} : { clientSecret }),
  };
}

/** What is sent to register. No scopes: they would bound whatever is asked for later, and nobody knows yet what servers will want. */
export function registrationRequest(
  server: AuthorizationServer,
  facts: ClientFacts,
  { redirectUri }: RegistrationWish,
): Record<string, unknown> {
  const applicationType = facts.applicationType ?? applicationTypeOf(redirectUri);
  return {
    client_name: facts.clientName,
    redirect_uris: [redirectUri],
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    token_endpoint_auth_method: wishedMethod(server, applicationType),
    application_type: applicationType,
    ...(facts.clientUri === undefined ? {} : { client_uri: facts.clientUri }),
    ...(facts.softwareId === undefined ? {} : { software_id: facts.softwareId }),
    ...(facts.softwareVersion === undefined ? {} : { software_version: facts.softwareVersion }),
  };
}

/** What is on this machine, or opened by a scheme of its own, is no web site (AUTH-38). */
export function applicationTypeOf(redirectUri: string): "native" | "web" {
  const url = new URL(redirectUri);
  return url.protocol === "https:" && !isLoopbackHost(url.hostname) ? "web" : "native";
}

/** An application that people have on their machines cannot keep a secret, so it asks for none unless it has to. */
function wishedMethod(server: AuthorizationServer, applicationType: "native" | "web"): ClientAuthMethod {
  const listed = server.token_endpoint_auth_methods_supported;
  const secret = ["client_secret_basic", "client_secret_post"] as const;
  const order: readonly ClientAuthMethod[] = applicationType === "native" ? ["none", ...secret] : [...secret, "none"];
  if (!Array.isArray(listed)) return order[0] ?? "none";
  return order.find((method) => listed.includes(method)) ?? "none";
}

async function register(
  server: AuthorizationServer,
  facts: ClientFacts,
  wish: RegistrationWish,
  outbound: Outbound,
): Promise<Registration> {
  const url = readUrl(server.registration_endpoint, "The registration endpoint", outbound.allowLoopback);
  const wished = registrationRequest(server, facts, wish);
  const headers = { "content-type": "application/json", accept: "application/json" };
  const response = await exchange(url, { method: "POST", headers, body: JSON.stringify(wished) }, outbound);
  const json = parseObject(await response.text());
  if ((response.status !== 201 && response.status !== 200) || typeof json?.client_id !== "string")
    throw refused(url, response.status, json, wish);
  return readRegistration(server, json, wished, wish);
}

function readRegistration(
  server: AuthorizationServer,
  json: Readonly<Record<string, unknown>>,
  wished: Readonly<Record<string, unknown>>,
  { redirectUri }: RegistrationWish,
): Registration {
  const { client_id: clientId, client_secret: secret, client_secret_expires_at: expiresAt } = json;
  const clientSecret = typeof secret === "string" && secret !== "" ? secret : undefined;
  const named = AUTH_METHODS.find((method) => method === json.token_endpoint_auth_method);
  const wish = wished.token_endpoint_auth_method as ClientAuthMethod;
  const silent = clientSecret !== undefined && !Array.isArray(server.token_endpoint_auth_methods_supported);
  return {
    issuer: server.issuer,
    clientId: clientId as string,
    // Whoever got no secret has none to show, whatever else was said.
    method: clientSecret === undefined ? "none" : (named ?? (silent ? "client_secret_basic" : wish)),
    // Servers that change it say so, but the one that is in use must stay usable.
    redirectUris: [redirectUri],
    ...(clientSecret === undefined ? {} : { clientSecret }),
    ...(typeof expiresAt === "number" && expiresAt > 0 ? { secretExpiresAt: expiresAt * 1_000 } : {}),
  };
}

function refused(
  url: URL,
  status: number,
  json: Readonly<Record<string, unknown>> | undefined,
  { redirectUri }: RegistrationWish,
): AuthorizationError {
  const text = (name: string): string | undefined => {
    const value = json?.[name];
    return typeof value === "string" ? shown(value) : undefined;
  };
  const [oauthError, oauthDescription] = [text("error"), text("error_description")];
  const why = [oauthError, oauthDescription].filter((one) => one !== undefined).join(": ");
  const problem = `${shownUrl(url)} did not register this client (status ${status}${why === "" ? "" : `, ${why}`}).`;
  const wayOut =
    oauthError === "invalid_redirect_uri"
      ? `It does not take the redirect URI ${redirectUri}: use another \`redirect\` or \`applicationType\`, or register by hand and give \`client\`.`
      : "Register it there by hand, and give its id as `client`.";
  const detail = {
    ...(oauthError === undefined ? {} : { oauthError }),
    ...(oauthDescription === undefined ? {} : { oauthDescription }),
  };
  return new AuthorizationError("REGISTRATION_REFUSED", problem, wayOut, detail);
}
