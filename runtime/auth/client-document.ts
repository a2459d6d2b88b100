/**
 * The document by which a client names itself to authorization servers that have never heard of it: its URL is the client's id.
 * SEP-991; requirements AUTH-44 to AUTH-48.
 */

import { McpWireError } from "../errors.js";
import { isLoopbackHost } from "./urls.js";

/** What a document says. */
export interface ClientDocument {
  readonly client_id: string;
  readonly client_name: string;
  readonly redirect_uris: readonly string[];
  readonly grant_types: readonly string[];
  readonly response_types: readonly string[];
  readonly token_endpoint_auth_method: "none" | "private_key_jwt";
  readonly client_uri?: string;
  readonly logo_uri?: string;
  readonly application_type?: "native" | "web";
  readonly jwks_uri?: string;
  readonly jwks?: { readonly keys: readonly object[] };
}

/** What a document is made of. */
export interface ClientDocumentOptions {
  /** The https URL with a path where the document will be. */
  readonly url: string;
  readonly clientName: string;
  /** Every redirect URI; of those on this machine, authorization servers ignore the port. */
  readonly redirectUris: readonly string[];
  readonly clientUri?: string;
  readonly logoUri?: string;
  readonly applicationType?: "native" | "web";
  /** Public keys, or where they are, for a client that signs assertions in place of having no proof at all. */
  readonly jwks?: { readonly keys: readonly object[] };
  readonly jwksUri?: string;
}

/**
 * Makes a document.
 * @throws McpWireError `INVALID_USE` with everything that an authorization server would refuse.
 */
export function createClientDocument(options: ClientDocumentOptions): ClientDocument {
  const { url, clientName, redirectUris, clientUri, logoUri, applicationType, jwks, jwksUri } = options;
  const signs = jwks !== undefined || jwksUri !== undefined;
  const document: ClientDocument = {
    client_id: url,
    client_name: clientName,
    redirect_uris: [...redirectUris],
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    token_endpoint_auth_method: signs ? "private_key_jwt" : "none",
    ...(clientUri === undefined ? {} : { client_uri: clientUri }),
    ...(logoUri === undefined ? {} : { logo_uri: logoUri }),
    ...(applicationType === undefined ? {} : { application_type: applicationType }),
    ...(jwks === undefined ? {} : { jwks }),
    ...(jwksUri === undefined ? {} : { jwks_uri: jwksUri }),
  };
  const problems = checkClientDocument(document, url);
  if (problems.length === 0) return document;
  throw new McpWireError(
    "INVALID_USE",
    `The client's document is of no use: ${problems.join("; ")}.`,
    "Mend the options.",
  );
}

/** @throws McpWireError `INVALID_USE` where a URL cannot be the id of a client. */
export function requireDocumentUrl(url: string): void {
  const problem = documentUrlProblem(url);
  if (problem === undefined) return;
  throw new McpWireError(
    "INVALID_USE",
    `\`clientMetadataUrl\` ${problem}.`,
    "Give the URL of the client's own document.",
  );
}

/** Everything that is wrong with a document that came from a URL; nothing where it is good. */
export function checkClientDocument(document: unknown, url: string): string[] {
  if (typeof document !== "object" || document === null || Array.isArray(document)) return ["it is no JSON object"];
  const fields = document as Readonly<Record<string, unknown>>;
  const { client_id: id, client_name: name, redirect_uris: redirects, token_endpoint_auth_method: method } = fields;
  const problems = [documentUrlProblem(url)].filter((one) => one !== undefined).map((why) => `its URL ${why}`);
  if (id !== url) problems.push("`client_id` is not its URL");
  if (typeof name !== "string" || name.trim() === "") problems.push("`client_name` is missing");
  if (!Array.isArray(redirects) || redirects.length === 0) problems.push("`redirect_uris` is missing");
  else if (!redirects.every(isRedirectUri))
    problems.push("`redirect_uris` holds something else than https:, this machine, or a scheme of its own");
  if (Object.hasOwn(fields, "client_secret")) problems.push("it holds a `client_secret`, which everybody could read");
  if (typeof method === "string" && method.startsWith("client_secret_"))
    problems.push("`token_endpoint_auth_method` needs a secret that nobody shares");
  if (method === "private_key_jwt" && fields.jwks === undefined && fields.jwks_uri === undefined)
    problems.push("`private_key_jwt` needs `jwks` or `jwks_uri`");
  return problems;
}

/** Serves a document to whoever asks by GET or HEAD, as `Request` to `Response`. */
export function serveClientDocument(document: ClientDocument): (request: Request) => Response {
  const text = JSON.stringify(document);
  return ({ method }) => {
    if (method !== "GET" && method !== "HEAD")
      return new Response(null, { status: 405, headers: { allow: "GET, HEAD" } });
    const headers = {
      "content-type": "application/json",
      "cache-control": "public, max-age=3600",
      // It holds nothing that is not for everybody.
      "access-control-allow-origin": "*",
      "x-content-type-options": "nosniff",
    };
    return new Response(method === "HEAD" ? null : text, { status: 200, headers });
  };
}

function documentUrlProblem(text: string): string | undefined {
  if (!URL.canParse(text)) return "is no URL";
  const url = new URL(text);
  if (url.protocol !== "https:") return "does not begin with https:";
  if (url.pathname === "/") return "has no path";
  if (url.hash !== "" || text.includes("#")) return "has a fragment";
  if (url.username !== "" || url.password !== "") return "holds credentials";
  if (url.href !== text) return "is not written in its plain form, without `.` and `..` and in lower case";
  return undefined;
}

/** Schemes of one's own are for native applications; those that run or show what they hold are for nobody. */
function isRedirectUri(uri: unknown): boolean {
  if (typeof uri !== "string" || !URL.canParse(uri)) return false;
  const { protocol, hostname, hash } = new URL(uri);
  if (hash !== "") return false;
  if (protocol === "http:") return isLoopbackHost(hostname);
  return protocol === "https:" || protocol.includes(".");
}
