/**
 * Addresses that the owner of a resource server names, and the fetching of small documents from there. They are trusted, and so may be
 * private; what they answer is bounded all the same. Requirement AUTH-32.
 */

import { unverifiable, wrongUse } from "./contract.js";

const LOOPBACK: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** Bytes of a key set or a metadata document. */
const MAX_BYTES = 512 * 1024;
/** How long an authorization server may take. */
const MAX_MS = 5_000;

/** @throws McpWireError `INVALID_USE` for what is no absolute URL of https, or of http on this machine. */
export function readUrl(text: string, what: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) throw wrongUse(`The ${what} ${JSON.stringify(text)} is no URL.`, "Give an absolute URL.");
  if (url.protocol !== "https:" && !isLocal(url))
    throw wrongUse(
      `The ${what} ${text} is not https.`,
      "Tokens travel there: use https, or http on this machine alone.",
    );
  if (url.hash !== "" || text.includes("#") || url.username !== "" || url.password !== "")
    throw wrongUse(`The ${what} ${text} has a fragment or credentials.`, "Leave them out.");
  return url;
}

export function isLocal(url: URL): boolean {
  return url.protocol === "http:" && LOOPBACK.has(url.hostname);
}

/** `fetch` with bounds, and without redirects. */
export async function fetchBounded(url: string | URL, init: RequestInit = {}): Promise<Response> {
  const response = await fetch(url, { ...init, redirect: "manual", signal: AbortSignal.timeout(MAX_MS) });
  const { status, headers } = response;
  const body = await readBounded(response);
  return new Response(BODILESS.has(status) ? null : body, { status, headers });
}

const BODILESS: ReadonlySet<number> = new Set([204, 205, 304]);

async function readBounded(response: Response): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of response.body ?? []) {
    size += piece.byteLength;
    // Leaving the loop ends the stream.
    if (size > MAX_BYTES)
      throw new Error(`The answer of ${new URL(response.url).host} has more than ${MAX_BYTES} bytes`);
    pieces.push(piece);
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.byteLength;
  }
  return bytes;
}

/** Where the metadata of an issuer may lie, in the order in which they are tried (AUTH-29). */
export function metadataUrls(issuer: string): readonly string[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, "");
  const inserted = ["oauth-authorization-server", "openid-configuration"].map(
    (name) => `${origin}/.well-known/${name}${path}`,
  );
  return path === "" ? inserted : [...inserted, `${origin}${path}/.well-known/openid-configuration`];
}

/**
 * One member of an issuer's metadata, such as `jwks_uri`.
 * @throws McpWireError `UNVERIFIABLE` where there is no metadata that says it, or it is another issuer's.
 */
export async function discover(issuer: string, member: string): Promise<URL> {
  const problems: string[] = [];
  for (const url of metadataUrls(issuer)) {
    const response = await fetchBounded(url, { headers: { accept: "application/json" } });
    if (response.status !== 200) {
      problems.push(`${url} gave ${response.status}`);
      continue;
    }
    const document = (await response.json()) as { readonly [member: string]: unknown } | null;
    const value = document?.[member];
    if (document?.issuer !== issuer) problems.push(`${url} is of another issuer`);
    else if (typeof value !== "string") problems.push(`${url} names no ${member}`);
    else return readUrl(value, member);
  }
  throw unverifiable(`No metadata of the issuer ${issuer} was found`, new Error(problems.join(", ")));
}
