/**
 * @since 2025-11-25
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/schema#askrequest}
 */
export interface AskRequest {
  [key: string]: unknown;
  method: "ask";
  params: AskRequestParams;
}

/**
 * @since 2025-11-25
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/schema#askrequestparams}
 */
export interface AskRequestParams {
  [key: string]: unknown;
  question: string;
}

/**
 * @since 2025-11-25
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/schema#askresult}
 */
export interface AskResult {
  [key: string]: unknown;
  answer?: string | undefined;
}

/**
 * @since 2025-11-25
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/schema#clientrequest}
 */
export type ClientRequest = PingRequest;

/**
 * @since 2025-11-25
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/schema#emptyresult}
 */
export interface EmptyResult {
  [key: string]: unknown;
}

/**
 * @since 2025-11-25
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/schema#notenotification}
 */
export interface NoteNotification {
  [key: string]: unknown;
  method: "notifications/note";
  params?: NoteParams | undefined;
}

/**
 * @since 2025-11-25
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/schema#noteparams}
 */
export interface NoteParams {
  [key: string]: unknown;
  level?: ("high" | "low") | undefined;
}

/**
 * @since 2025-11-25
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/schema#pingparams}
 */
export interface PingParams {
  [key: string]: unknown;
  _meta?: {
    [key: string]: unknown;
  } | undefined;
}

/**
 * @since 2025-11-25
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/schema#pingrequest}
 */
export interface PingRequest {
  [key: string]: unknown;
  method: "ping";
  params?: PingParams | undefined;
}

/**
 * @since 2025-11-25
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/schema#servernotification}
 */
export interface ServerNotification {
  [key: string]: unknown;
  method: "notifications/note";
  params?: NoteParams | undefined;
}

/**
 * @since 2025-11-25
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/schema#serverrequest}
 */
export type ServerRequest = PingRequest | AskRequest;

/** Every definition of this revision by its name. */
export interface Definitions {
  AskRequest: AskRequest;
  AskRequestParams: AskRequestParams;
  AskResult: AskResult;
  ClientRequest: ClientRequest;
  EmptyResult: EmptyResult;
  NoteNotification: NoteNotification;
  NoteParams: NoteParams;
  PingParams: PingParams;
  PingRequest: PingRequest;
  ServerNotification: ServerNotification;
  ServerRequest: ServerRequest;
}
