/**
 * @since 2025-11-25
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/schema#choice}
 */
export type Choice = {
  "my-kind": "it's";
  [key: string]: unknown;
} | {
  "my-kind": "say \"so\"";
  [key: string]: unknown;
};

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
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/schema#error}
 */
export interface Error {
  [key: string]: unknown;
  code: number;
  data?: unknown;
  message: string;
}

/**
 * @since 2025-11-25
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/schema#headers}
 */
export interface Headers {
  [key: string]: string;
}

/**
 * @since 2025-11-25
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/schema#keywords}
 */
export interface Keywords {
  [key: string]: unknown;
  class?: string | undefined;
  default?: string | undefined;
  properties?: string | undefined;
  required?: string | undefined;
}

/**
 * @since 2025-11-25
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/schema#quoted}
 */
export interface Quoted {
  [key: string]: unknown;
  ""?: string | undefined;
  $schema: string;
  "1st"?: string | undefined;
  "a-b"?: string | undefined;
  "back\\slash"?: string | undefined;
  "io.example/key": number;
  "line\nbreak"?: string | undefined;
  "with \"quotes\""?: string | undefined;
}

/**
 * @since 2025-11-25
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/schema#uses}
 */
export interface Uses {
  [key: string]: unknown;
  error: Error;
  headers?: Headers | undefined;
}

/** Every definition of this revision by its name. */
export interface Definitions {
  Choice: Choice;
  ClientRequest: ClientRequest;
  EchoRequest: EchoRequest;
  EchoRequestParams: EchoRequestParams;
  EchoResult: EchoResult;
  Error: Error;
  Headers: Headers;
  Keywords: Keywords;
  Quoted: Quoted;
  Uses: Uses;
}
