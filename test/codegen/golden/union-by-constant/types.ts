/**
 * @since 2025-11-25
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/schema#ask}
 */
export type Ask = AskForm | AskLink;

/**
 * @since 2025-11-25
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/schema#askform}
 */
export interface AskForm {
  [key: string]: unknown;
  fields: string[];
  mode?: "form" | undefined;
}

/**
 * @since 2025-11-25
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/schema#asklink}
 */
export interface AskLink {
  [key: string]: unknown;
  mode: "link";
  url: string;
}

/**
 * @since 2025-11-25
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/schema#block}
 */
export type Block = Text | Image | Video;

/**
 * @since 2025-11-25
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/schema#blocks}
 */
export type Blocks = Block[];

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
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/schema#image}
 */
export interface Image {
  [key: string]: unknown;
  data: string;
  type: "image";
}

/**
 * @since 2025-11-25
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/schema#text}
 */
export interface Text {
  [key: string]: unknown;
  text: string;
  type: "text";
}

/**
 * @since 2025-11-25
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/schema#video}
 */
export interface Video {
  [key: string]: unknown;
  seconds: number;
  type: "video" | "film";
}

/** Every definition of this revision by its name. */
export interface Definitions {
  Ask: Ask;
  AskForm: AskForm;
  AskLink: AskLink;
  Block: Block;
  Blocks: Blocks;
  ClientRequest: ClientRequest;
  EchoRequest: EchoRequest;
  EchoRequestParams: EchoRequestParams;
  EchoResult: EchoResult;
  Image: Image;
  Text: Text;
  Video: Video;
}
