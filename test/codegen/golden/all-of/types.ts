/**
 * @since 2025-11-25
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/schema#base}
 */
export interface Base {
  [key: string]: unknown;
  id: number;
  note?: string | undefined;
}

/**
 * @since 2025-11-25
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/schema#clientrequest}
 */
export type ClientRequest = EchoRequest;

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
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/schema#either}
 */
export type Either = {
  a: number;
  [key: string]: unknown;
} | {
  b: number;
  [key: string]: unknown;
};

/**
 * @since 2025-11-25
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/schema#extended}
 */
export interface Extended {
  [key: string]: unknown;
  id: number;
  name: string;
  note?: string | undefined;
}

/**
 * @since 2025-11-25
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/schema#sealed}
 */
export interface Sealed {
  id?: number | undefined;
  name?: string | undefined;
}

/**
 * @since 2025-11-25
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/schema#strict}
 */
export type Strict = Base & Sealed;

/**
 * @since 2025-11-25
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/schema#unmerged}
 */
export type Unmerged = {
  id: number;
  note?: string | undefined;
  [key: string]: unknown;
} & Either;

/** Every definition of this revision by its name. */
export interface Definitions {
  Base: Base;
  ClientRequest: ClientRequest;
  EchoRequest: EchoRequest;
  EchoRequestParams: EchoRequestParams;
  EchoResult: EchoResult;
  Either: Either;
  Extended: Extended;
  Sealed: Sealed;
  Strict: Strict;
  Unmerged: Unmerged;
}
