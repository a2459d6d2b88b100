/**
 * Visits to pages bound to the person who was asked. Whoever follows a link may be somebody else, to whom an attacker passed on his own
 * link: then what the victim does at the page would count for the attacker. Requirements ELIC-62, ELIC-66 to ELIC-70.
 */

import { McpWireError } from "../errors.js";
import { nodeCrypto } from "../protocol/node-modules.js";
import type { Context, PageToVisit, VisitOptions } from "./context.js";
import type { Server } from "./server.js";

/** How visits are bound. */
export interface BoundVisitOptions {
  /**
   * Secrets of at least 32 bytes (as text or bytes). The first one signs, all of them verify. Default: one at random for this process,
   * which no other process verifies.
   */
  readonly keys?: readonly (string | Uint8Array)[];
  /** Milliseconds from the question until the person has to be done. Default 3 600 000. */
  readonly ttlMs?: number;
  /**
   * The user that a request is for, by the name that the web pages know them by; never what the client says of itself. Default: the
   * principal that `authenticate` found.
   */
  readonly userOf?: (ctx: Context) => string | undefined;
}

/** A page to visit; its name says what is done there, and is a part of what the id is good for. */
export type BoundPage = Omit<PageToVisit, "key" | "elicitationId" | "url"> & {
  readonly name: string;
  /** Makes the address of the id, which names nobody. */
  readonly url: (elicitationId: string) => string;
};

/** Who came to the page, as the web session of the page knows them, and which page it is. */
export interface Visitor {
  readonly user: string;
  readonly name: string;
}

/** Visits that only the person who was asked can make. */
export interface BoundVisits {
  /** As `ctx.requireUrl`, with ids that are bound to the user of the request. @throws McpWireError `INVALID_USE` where there is none. */
  require(ctx: Context, pages: readonly BoundPage[], how?: VisitOptions): Promise<void>;
  /** An id for `ctx.elicitUrl`, bound to the user of the request. Throws as `require` does. */
  issue(ctx: Context, name: string): string;
  /**
   * To be called when somebody comes to the page, and when they come back to it, before anything is shown or done.
   * @throws McpWireError `VISIT_REFUSED` where the id was issued for another user or page, not here, or is too old.
   */
  check(elicitationId: string, visitor: Visitor): void;
  /** Checks, and says that the person is done, as `server.completeElicitation` does. Throws as `check` does. */
  complete(elicitationId: string, visitor: Visitor): Promise<boolean>;
}

const MIN_SECRET = 32;
const NONCE_BYTES = 16;
const ID = /^([\w-]{22})\.([0-9a-z]{1,11})\.([\w-]{43})$/;

/** @throws McpWireError `INVALID_USE` for a key that is too short. */
export function createBoundVisits(server: Server, options: BoundVisitOptions = {}): BoundVisits {
  const keys = (options.keys ?? [nodeCrypto().randomBytes(MIN_SECRET)]).map(keyOf);
  const [first] = keys;
  if (first === undefined)
    throw new McpWireError("INVALID_USE", "`keys` is empty.", "Give one secret, or leave it out for a random one.");
  const { ttlMs = 3_600_000, userOf = (ctx: Context) => ctx.origin?.principal } = options;
  const issue = (ctx: Context, name: string): string => {
    const user = userOf(ctx);
    if (user === undefined || user === "") throw nobody(name);
    const nonce = nodeCrypto().randomBytes(NONCE_BYTES).toString("base64url");
    const until = (Date.now() + ttlMs).toString(36);
    return `${nonce}.${until}.${sign(first, [nonce, until, name, user])}`;
  };
  const check = (elicitationId: string, { user, name }: Visitor): void => {
    const [, nonce = "", until = "", signature = ""] = ID.exec(elicitationId) ?? [];
    const given = Buffer.from(signature);
    const isGood = keys.some((key) => {
      const right = Buffer.from(sign(key, [nonce, until, name, user]));
      return right.length === given.length && nodeCrypto().timingSafeEqual(right, given);
    });
    if (user === "" || !isGood) throw refusal("it was not made for this person and this page");
    if (!(Number.parseInt(until, 36) > Date.now())) throw refusal("it is too old");
  };
  return {
    issue,
    check,
    async require(ctx, pages, how) {
      const bound = pages.map(async ({ name, ...page }): Promise<PageToVisit> => {
        // The same in every run: the page knows the visit by it.
        const elicitationId = await ctx.once(`visit ${name}`, () => issue(ctx, name));
        return { ...page, key: name, elicitationId };
      });
      await ctx.requireUrl(await Promise.all(bound), how);
    },
    async complete(elicitationId, visitor) {
      check(elicitationId, visitor);
      return await server.completeElicitation(elicitationId);
    },
  };
}

function keyOf(secret: string | Uint8Array): Buffer {
  const bytes = typeof secret === "string" ? Buffer.from(secret, "utf8") : Buffer.from(secret);
  if (bytes.length < MIN_SECRET) {
    const problem = `A key for visits has ${bytes.length} bytes.`;
    throw new McpWireError("INVALID_USE", problem, `Give at least ${MIN_SECRET} random bytes.`);
  }
  return Buffer.from(nodeCrypto().hkdfSync("sha256", bytes, "", "mcpwire visits", MIN_SECRET));
}

/** As JSON, so that no two lists of texts are signed alike. */
function sign(key: Buffer, parts: readonly string[]): string {
  return nodeCrypto().createHmac("sha256", key).update(JSON.stringify(parts)).digest("base64url");
}

function nobody(name: string): McpWireError {
  const problem = `Nobody was sent to ${name}: the request is not known to be anybody's.`;
  return new McpWireError("INVALID_USE", problem, "Give `authenticate` to the HTTP end, or `userOf`.");
}

function refusal(why: string): McpWireError {
  return new McpWireError("VISIT_REFUSED", `The visit is refused: ${why}.`, "Ask again from the application.");
}
