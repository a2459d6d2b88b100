/**
 * Reads `WWW-Authenticate`, where one header may hold several challenges and several headers are joined into one, and says what a refusal
 * of the server asks for. RFC 9110 section 11; RFC 6750 section 3; RFC 9728 section 5.1. Requirements AUTH-21, AUTH-22, AUTH-74.
 */

/** One challenge. */
export interface Challenge {
  /** In lower case, such as `bearer` or `dpop`. */
  readonly scheme: string;
  /** Names in lower case; the first of a name that comes twice. */
  readonly params: ReadonlyMap<string, string>;
}

/** What a refusal asks for, of all its challenges the one that this client can meet. */
export interface Demand {
  /** `undefined` where the server named no way of authorization that is known here. */
  readonly scheme: "bearer" | "dpop" | undefined;
  readonly error: string | undefined;
  /** The scopes that this operation needs; absent where they are not told. */
  readonly scopes: readonly string[] | undefined;
  /** Where the metadata of the protected resource are. */
  readonly resourceMetadata: string | undefined;
}

/** Characters of a token (RFC 9110 section 5.6.2), and of a token68, which some schemes have instead of parameters. */
const TOKEN = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y;
const TOKEN68 = /[A-Za-z0-9\-._~+/]+=*(?=[ \t]*(?:,|$))/y;
const SPACE = /[ \t]*/y;
const QUOTED = /"((?:[^"\\]|\\.)*)"/y;

/** More than this is no challenge but an attempt at something. */
const MAX_LENGTH = 16_384;

/** The challenges of a header; what cannot be read ends the reading, and what came before it stands. */
export function parseChallenges(header: string | null): Challenge[] {
  const found: Challenge[] = [];
  if (header === null || header.length > MAX_LENGTH) return found;
  const reader = new Reader(header);
  let params: Map<string, string> | undefined;
  while (reader.skipCommas()) {
    const name = reader.take(TOKEN);
    if (name === undefined) break;
    const value = reader.value();
    if (value !== undefined && params !== undefined) {
      // A name with a value goes on with the challenge before it.
      if (!params.has(name.toLowerCase())) params.set(name.toLowerCase(), value);
      continue;
    }
    if (value !== undefined) break;
    params = new Map<string, string>();
    found.push({ scheme: name.toLowerCase(), params });
    reader.skip(SPACE);
    reader.token68();
  }
  return found;
}

/** What a refusal asks for. Where both ways are offered, `prefersDpop` decides. */
export function readDemand(headers: Headers, prefersDpop = false): Demand {
  const challenges = parseChallenges(headers.get("www-authenticate"));
  const order = prefersDpop ? ["dpop", "bearer"] : ["bearer", "dpop"];
  const met = order.flatMap((scheme) => challenges.filter((one) => one.scheme === scheme));
  const [chosen] = met;
  // Servers that offer both ways, or have somebody in front, say what is needed once, with one of the challenges.
  const said = (name: string, by = met): string | undefined =>
    by.map(({ params }) => params.get(name)).find((value) => value !== undefined);
  const scope = said("scope");
  return {
    scheme: chosen?.scheme as Demand["scheme"],
    // What is wrong with a proof is nothing that a bearer could mend.
    error: said("error", chosen?.scheme === "bearer" ? met.filter((one) => one.scheme === "bearer") : met),
    scopes: scope === undefined ? undefined : splitScopes(scope),
    resourceMetadata: said("resource_metadata"),
  };
}

/** The scopes in a space-separated list, each once. */
export function splitScopes(scope: string): string[] {
  return [...new Set(scope.split(" ").filter((one) => one !== ""))];
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const [match] = pattern.exec(this.#text) ?? [];
    if (match !== undefined) this.#at += match.length;
    return match;
  }

  skip(pattern: RegExp): void {
    this.take(pattern);
  }

  /** Whether there is anything after commas and blanks. */
  skipCommas(): boolean {
    while (this.#at < this.#text.length && ", \t".includes(this.#text.charAt(this.#at))) this.#at++;
    return this.#at < this.#text.length;
  }

  /** The value after a name, with the sign between them; stays where it is when there is none. */
  value(): string | undefined {
    const start = this.#at;
    this.skip(SPACE);
    if (this.#text.charAt(this.#at) === "=") {
      this.#at++;
      this.skip(SPACE);
      const quoted = this.take(QUOTED);
      if (quoted !== undefined) return quoted.slice(1, -1).replaceAll(/\\(.)/gs, "$1");
      const token = this.take(TOKEN);
      if (token !== undefined) return token;
    }
    this.#at = start;
    return undefined;
  }

  /** Passes over credentials that are no parameters: a parameter has a sign and a value after its name. */
  token68(): void {
    const start = this.#at;
    const name = this.take(TOKEN);
    const isParam = name !== undefined && this.value() !== undefined;
    this.#at = start;
    if (isParam) return;
    this.skip(TOKEN68);
  }
}
