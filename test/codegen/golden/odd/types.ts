/**
 * @since 2025-11-25
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/schema#alias}
 */
export type Alias = Levels;

/**
 * @since 2025-11-25
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/schema#base64data}
 */
export type Base64data = string;

/**
 * @since 2025-11-25
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/schema#clientrequest}
 */
export type ClientRequest = EchoRequest;

/**
 * @since 2025-11-25
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/schema#counted}
 */
export type Counted = string[];

/**
 * @since 2025-11-25
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/schema#echorequest}
 */
export interface EchoRequest {
  [key: string]: unknown;
  method: "echo";
  params: EchoRequestParams;
}

/**
 * @since 2025-11-25
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/schema#echorequestparams}
 */
export interface EchoRequestParams {
  [key: string]: unknown;
  text: string;
}

/**
 * @since 2025-11-25
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/schema#echoresult}
 */
export interface EchoResult {
  [key: string]: unknown;
  text: string;
}

/**
 * @since 2025-11-25
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/schema#flag}
 */
export type Flag = true;

/**
 * @since 2025-11-25
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/schema#levels}
 */
export type Levels = "a" | 1 | true | null;

/**
 * @since 2025-11-25
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/schema#list}
 */
export type List = unknown[];

/**
 * @since 2025-11-25
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/schema#members}
 */
export interface Members {
  [key: string]: unknown;
  data: unknown;
  never?: never | undefined;
  nothing?: null | undefined;
}

/**
 * @since 2025-11-25
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/schema#nothing}
 */
export type Nothing = never;

/**
 * @since 2025-11-25
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/schema#null}
 */
export type Null = null;

/**
 * @since 2025-11-25
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/schema#one}
 */
export type One = "only";

/**
 * @since 2025-11-25
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/schema#required}
 */
export interface Required {
  [key: string]: unknown;
  data: unknown;
}

/**
 * @since 2025-11-25
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/schema#single}
 */
export type Single = string;

/**
 * @since 2025-11-25
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/schema#tally}
 */
export interface Tally {
  [key: string]: number | string;
  name: string;
}

/**
 * @since 2025-11-25
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/schema#twice}
 */
export type Twice = string;

/**
 * @since 2025-11-25
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/schema#whatever}
 */
export type Whatever = unknown;

/** Every definition of this revision by its name. */
export interface Definitions {
  Alias: Alias;
  Base64data: Base64data;
  ClientRequest: ClientRequest;
  Counted: Counted;
  EchoRequest: EchoRequest;
  EchoRequestParams: EchoRequestParams;
  EchoResult: EchoResult;
  Flag: Flag;
  Levels: Levels;
  List: List;
  Members: Members;
  Nothing: Nothing;
  Null: Null;
  One: One;
  Required: Required;
  Single: Single;
  Tally: Tally;
  Twice: Twice;
  Whatever: Whatever;
}
