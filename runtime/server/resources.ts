/** Resources and resource templates: registration, the lists, reading. Server features, resources; requirements RES-01 to RES-18. */

import type {
  Annotations,
  BlobResourceContents,
  Icon,
  ReadResourceResult,
  TextResourceContents,
} from "../../generated/neutral/types.js";
import { McpWireError, RpcError } from "../errors.js";
import { isThenable } from "../jsonrpc/incoming.js";
import { RpcCode } from "../jsonrpc/message.js";
import type { CompleteArgument, Completions } from "./completions.js";
import type { CallContext, Context } from "./context.js";
import type { Features, Registration } from "./features.js";
import { createListing, type Listing } from "./listing.js";
import { parseUriTemplate, type UriTemplate, type Variables } from "./uri-template.js";

/** What a resource is, beside its URI and its contents. */
export interface ResourceOptions {
  /** Name for programs. */
  readonly name: string;
  /** Name for people. Default: `name`. */
  readonly title?: string;
  /** What it holds, for people and models. */
  readonly description?: string;
  /** Type of the contents; also given with text and bytes that reading gives. */
  readonly mimeType?: string;
  /** Bytes, where that is known. */
  readonly size?: number;
  /** Whom it is for, and how important it is. */
  readonly annotations?: Annotations;
  /** Pictures for people. */
  readonly icons?: readonly Icon[];
  /** Scopes that who reads it or subscribes to it over HTTP needs; see the page on authorization. Never listed. Default: none beyond those of the server. */
  readonly scopes?: readonly string[];
  /** Listed as it is. */
  readonly _meta?: { readonly [key: string]: unknown };
}

/** What a template is, beside itself and what reading gives. */
export interface TemplateOptions extends Omit<ResourceOptions, "size"> {
  /** Suggestions for the values, by name. */
  readonly complete?: { readonly [variable: string]: CompleteArgument };
}

/** What reading gives: text, bytes, or a whole result (which may also say how long it stays fresh). */
export type ResourceAnswer =
  | string
  | Uint8Array
  | {
      readonly contents: readonly (TextResourceContents | BlobResourceContents)[];
      readonly ttlMs?: number;
      readonly cacheScope?: "private" | "public";
    };

export type ReadResource = (uri: string, ctx: Context) => ResourceAnswer | Promise<ResourceAnswer>;

/**
 * Values come decoded. URIs of files that climb (`..`) are refused before, whichever way they write it (RES-17); in other schemes a
 * value can hold `..`, so look before using it as a path.
 */
export type ReadTemplate = (
  variables: Variables,
  ctx: Context,
  uri: string,
) => ResourceAnswer | undefined | Promise<ResourceAnswer | undefined>;

/** The members of a server that register resources. */
export interface RegisterResources {
  /**
   * Registers a resource under its URI.
   * @throws McpWireError `INVALID_USE` for what is no URI, or is taken.
   */
  resource(uri: string, options: ResourceOptions, read: ReadResource): Registration;
  /** A template whose `read` gives `undefined` has no such resource. */
  resourceTemplate(uriTemplate: string, options: TemplateOptions, read: ReadTemplate): Registration;
}

interface One {
  readonly uri: string;
  readonly options: ResourceOptions;
  readonly read: ReadResource;
}

interface Template {
  readonly uriTemplate: string;
  readonly parsed: UriTemplate;
  readonly options: TemplateOptions;
  readonly read: ReadTemplate;
}

type Matching = typeof import("./uri-match.js");

/** Loaded when it is first needed: most servers have no templates. */
let matching: Matching | undefined;

const NOT_FOUND = -32002;

export function createResources(features: Features, completions: Completions, pageSize: number): RegisterResources {
  const resources = createListing<One>(features, "resources", pageSize, ({ uri, options }) => {
    const { scopes: _scopes, ...rest } = options;
    return { uri, ...rest };
  });
  const templates = createListing<Template>(features, "resourceTemplates", pageSize, ({ uriTemplate, options }) => {
    const { complete: _complete, scopes: _scopes, ...rest } = options;
    return { uriTemplate, ...rest };
  });
  const changed = (): void => features.announce({ type: "resourcesChanged" });
  const offer = (): void => {
    const cursorOf = (params: unknown): string | undefined => (params as { cursor?: string } | undefined)?.cursor;
    features.handlers.set("resources/list", (params) => resources.page(cursorOf(params), ""));
    features.handlers.set("resources/templates/list", (params) => templates.page(cursorOf(params), ""));
    features.handlers.set("resources/read", (params, ctx) =>
      readOne((params as { uri: string }).uri, ctx, resources, templates),
    );
  };
  const add = <T>(listing: Listing<T>, key: string, item: T): Registration => {
    if (listing.get(key) !== undefined)
      throw new McpWireError("INVALID_USE", `There is a resource ${key} already.`, "Remove it first.");
    listing.set(key, item);
    offer();
    changed();
    return {
      remove() {
        if (listing.delete(key)) changed();
      },
    };
  };
  return {
    resource: (uri, options, read) => {
      if (!isUri(uri))
        throw new McpWireError(
          "INVALID_USE",
          `${uri} is no URI.`,
          "Give it a scheme, and escape what is no ASCII (RFC 3986).",
        );
      return add(resources, uri, { uri, options, read });
    },
    resourceTemplate(uriTemplate, options, read) {
      const registration = add(templates, uriTemplate, {
        uriTemplate,
        parsed: parseUriTemplate(uriTemplate),
        options,
        read,
      });
      const forget = completions.add("ref/resource", uriTemplate, options.complete ?? {});
      return {
        remove() {
          forget();
          registration.remove();
        },
      };
    },
  };
}

/** A scheme, and after it only characters that stand in URIs (RFC 3986; RES-15). */
function isUri(uri: string): boolean {
  return /^[A-Za-z][A-Za-z0-9+.-]*:(?:[\w.~:/?#[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*$/.test(uri) && URL.canParse(uri);
}

/** Whether a file's URI leaves the folder that it seems to be in, or hides where it ends (RES-17). */
function climbs(uri: string): boolean {
  if (!/^file:/i.test(uri)) return false;
  try {
    return /(?:^|[\\/])\.\.(?:[\\/]|$)|\0/.test(decodeURIComponent(uri.replace(/[?#].*$/s, "")));
  } catch {
    return true;
  }
}

function readOne(uri: string, ctx: CallContext, resources: Listing<One>, templates: Listing<Template>): unknown {
  const exact = resources.get(uri);
  if (exact !== undefined) return contentsOf(exact.read(uri, ctx), uri, exact.options.mimeType, ctx);
  if (climbs(uri)) throw missing(uri, ctx);
  if (templates.size === 0) throw missing(uri, ctx);
  if (matching !== undefined) return readTemplate(uri, ctx, templates, matching);
  return import("./uri-match.js").then((loaded) => {
    matching = loaded;
    return readTemplate(uri, ctx, templates, loaded);
  });
}

function readTemplate(uri: string, ctx: CallContext, templates: Listing<Template>, { matchUri }: Matching): unknown {
  for (const { parsed, options, read } of templates.values()) {
    const variables = matchUri(parsed, uri);
    if (variables !== undefined) return contentsOf(read(variables, ctx, uri), uri, options.mimeType, ctx);
  }
  throw missing(uri, ctx);
}

function contentsOf(
  answer: ResourceAnswer | undefined | Promise<ResourceAnswer | undefined>,
  uri: string,
  mimeType: string | undefined,
  ctx: CallContext,
): unknown {
  if (isThenable(answer))
    return answer.then((value) => contentsOf(value as ResourceAnswer | undefined, uri, mimeType, ctx));
  if (answer === undefined) throw missing(uri, ctx);
  const head = mimeType === undefined ? { uri } : { uri, mimeType };
  if (typeof answer === "string") return { contents: [{ ...head, text: answer }] };
  if (answer instanceof Uint8Array) return { contents: [{ ...head, blob: Buffer.from(answer).toString("base64") }] };
  return answer as ReadResourceResult;
}

/** Older revisions have a code of their own for it (RES-09, RES-10). */
function missing(uri: string, ctx: CallContext): RpcError {
  const code = ctx.traits.resourceNotFoundCode ? NOT_FOUND : RpcCode.InvalidParams;
  return new RpcError(code, `Resource not found: ${uri}`, { uri });
}
