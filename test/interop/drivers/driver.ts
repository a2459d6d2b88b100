/** What the behaviours need of a client, whoever wrote it. */

/** What a client connects to: a program to start, or an address. `sse` is the transport of 2024-11-05. */
export type Address =
  | { readonly command: string; readonly args: readonly string[] }
  | { readonly url: string; readonly sse?: boolean };

/** How a client opens: by itself as it is made, with a handshake, or with the newer era. */
export type Opening = "handshake" | "either" | "stateless";

export interface Named {
  readonly name: string;
  readonly uri?: string;
  readonly uriTemplate?: string;
}

export interface ToolAnswer {
  readonly isError?: boolean;
  readonly content: readonly { readonly type: string; readonly text?: string }[];
  readonly structuredContent?: unknown;
}

export interface CallHow {
  readonly onprogress?: (update: { readonly progress: number }) => void;
  readonly signal?: AbortSignal;
}

/** What a client heard and was asked, in the order in which it came. */
export interface Heard {
  readonly logs: { level: string; data?: unknown; logger?: string }[];
  /** `uri …` for an updated resource, and the names of lists that changed. */
  readonly events: string[];
  /** The messages of forms, prompts for the model, and `roots`. */
  readonly asked: string[];
  /** What the client's author would be told of as wrong. */
  readonly errors: string[];
}

/** A connected client. Every driver answers forms with `{ name: "Ada" }`, the model says `4`, and the root is `file:///work`. */
export interface Driver extends Heard {
  readonly serverName: string | undefined;
  listTools(): Promise<readonly Named[]>;
  listResources(): Promise<readonly Named[]>;
  listTemplates(): Promise<readonly Named[]>;
  listPrompts(): Promise<readonly Named[]>;
  callTool(name: string, args?: Record<string, unknown>, how?: CallHow): Promise<ToolAnswer>;
  readResource(uri: string): Promise<{ readonly contents: readonly { uri: string; text?: string; blob?: string }[] }>;
  getPrompt(name: string, args?: Record<string, string>): Promise<{ readonly messages: readonly unknown[] }>;
  complete(
    ref: { type: "ref/prompt"; name: string } | { type: "ref/resource"; uri: string },
    argument: { name: string; value: string },
  ): Promise<readonly string[]>;
  setLevel(level: string): Promise<void>;
  /** Begins to hear of the resource and of lists that change. */
  subscribe(uri: string): Promise<void>;
  /** Says that the roots changed, where the era has that. */
  rootsChanged(): Promise<void>;
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** Opens a client. `revisions` narrows what it offers, where it can. */
export type OpenDriver = (address: Address, opening: Opening, revisions?: readonly string[]) => Promise<Driver>;
