/**
 * Where an official type leaves out what the wire has, these put it back, so that an exception proves that nothing else
 * differs. Each is named by a reason in `exceptions.mjs`.
 */

import type { CacheableResult, RequestMetaObject } from "mcpwire/2026-07-28";

/** Holds where a value of the first type passes for the second without a cast. */
export type Passes<From extends To, To> = From;

/** What a mend makes of a type must still have values: `never` would pass for everything. */
export type Inhabited<T> = [T] extends [never] ? "the mend contradicts the type" : T;

/** A request as it travels: the official types leave the envelope to the transport. */
export type Requested<T> = T & { jsonrpc: "2.0"; id: string | number };

/** A notification as it travels. */
export type Notified<T> = T & { jsonrpc: "2.0" };

/** Params of 2026-07-28: every request tells its revision and capabilities. */
export type Introduced<T> = T & { _meta: RequestMetaObject };

/** A request of 2026-07-28, with its envelope and its `_meta`. */
export type RequestedNow<T> = Requested<T> & { params: { _meta: RequestMetaObject } };

/** A result of 2026-07-28: the official packages put `resultType` on and take it off themselves. */
export type Typed<T> = T & { resultType: "complete" };

/** A response of 2026-07-28. */
export type TypedInside<T> = T & { result: { resultType: "complete" } };

/** A list of 2026-07-28 with the hints for caches. */
export type Cached<T> = T & CacheableResult;

/** An interface as an object type: an interface has no implicit index signature, its members are the same. */
export type Spread<T> = { [Key in keyof T]: T[Key] };

/** Structured content as it was before 2026-07-28: an object. */
export type Structured<T> = T & { structuredContent?: { [key: string]: unknown } | undefined };

/** A cancellation that says of what. */
export type Aimed<T> = T & { requestId: string | number };

/** A notification of cancellation that says of what. */
export type AimedNotice<T> = Notified<T> & { params: { requestId: string | number } };

/** Elicitation by link with the id that 2025-11-25 requires. */
export type Linked<T> = T & { elicitationId: string };
