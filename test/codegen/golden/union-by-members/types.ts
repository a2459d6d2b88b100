/**
 * @since 2025-11-25
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/schema#bare}
 */
export interface Bare {
  [key: string]: unknown;
  note?: string | undefined;
}

/**
 * @since 2025-11-25
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/schema#blobcontents}
 */
export interface BlobContents {
  [key: string]: unknown;
  blob: string;
  size?: number | undefined;
  uri: string;
}

/**
 * @since 2025-11-25
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/schema#clientrequest}
 */
export type ClientRequest = EchoRequest;

/**
 * @since 2025-11-25
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/schema#contents}
 */
export type Contents = TextContents | BlobContents;

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
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/schema#loose}
 */
export type Loose = Named | Bare;

/**
 * @since 2025-11-25
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/schema#named}
 */
export interface Named {
  [key: string]: unknown;
  name: string;
}

/**
 * @since 2025-11-25
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/schema#textcontents}
 */
export interface TextContents {
  [key: string]: unknown;
  text: string;
  uri: string;
}

/** Every definition of this revision by its name. */
export interface Definitions {
  Bare: Bare;
  BlobContents: BlobContents;
  ClientRequest: ClientRequest;
  Contents: Contents;
  EchoRequest: EchoRequest;
  EchoRequestParams: EchoRequestParams;
  EchoResult: EchoResult;
  Loose: Loose;
  Named: Named;
  TextContents: TextContents;
}
