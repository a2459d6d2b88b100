/** The reading end of event streams, written for tests alone: it shares nothing with the one of clients. */

import type { Answer } from "../raw.js";

export interface StreamEvent {
  readonly id?: string;
  readonly event?: string;
  readonly retry?: number;
  readonly data?: string;
}

export interface EventReader {
  readonly response: Response;
  /** Comments that came so far. */
  readonly comments: number;
  /** The next event; `undefined` where the stream ended. */
  next(): Promise<StreamEvent | undefined>;
  /** The message of the next event that has one. */
  message(): Promise<Answer>;
  /** Everything up to the end of the stream. */
  rest(): Promise<StreamEvent[]>;
  /** The same, as messages. */
  messages(): Promise<Answer[]>;
  /** Resolves when another comment came, or the stream ended. */
  comment(): Promise<void>;
  /** Goes, as a client does that wants no more. */
  leave(): Promise<void>;
}

export function readEvents(response: Response): EventReader {
  const type = response.headers.get("content-type");
  if (type !== "text/event-stream" || response.body === null)
    throw new Error(`The answer is no event stream but ${response.status} ${type}.`);
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let comments = 0;
  const block = async (): Promise<string | undefined> => {
    for (;;) {
      const end = text.indexOf("\n\n");
      if (end >= 0) {
        const found = text.slice(0, end);
        text = text.slice(end + 2);
        return found;
      }
      const { done, value } = await reader.read();
      if (done) {
        if (text !== "") throw new Error(`The stream ended within an event: ${JSON.stringify(text)}`);
        return undefined;
      }
      text += decoder.decode(value, { stream: true });
    }
  };
  const next = async (): Promise<StreamEvent | undefined> => {
    for (let found = await block(); found !== undefined; found = await block()) {
      if (found.startsWith(":")) comments++;
      else return parse(found);
    }
    return undefined;
  };
  const rest = async (): Promise<StreamEvent[]> => {
    const events: StreamEvent[] = [];
    for (let event = await next(); event !== undefined; event = await next()) events.push(event);
    return events;
  };
  return {
    response,
    get comments() {
      return comments;
    },
    next,
    rest,
    async message() {
      for (let event = await next(); event !== undefined; event = await next())
        if (event.data !== undefined && event.data !== "") return JSON.parse(event.data) as Answer;
      throw new Error("The stream ended without another message.");
    },
    messages: async () => (await rest()).filter(({ data }) => data).map(({ data }) => JSON.parse(data as string)),
    async comment() {
      const found = await block();
      if (found?.startsWith(":") === true) comments++;
      else if (found !== undefined) throw new Error(`No comment but ${found}`);
    },
    leave: () => reader.cancel(),
  };
}

function parse(block: string): StreamEvent {
  const event: { -readonly [K in keyof StreamEvent]: StreamEvent[K] } = {};
  for (const line of block.split("\n")) {
    const colon = line.indexOf(":");
    const field = line.slice(0, colon);
    const value = line.slice(colon + 1).replace(/^ /, "");
    if (field === "id" || field === "event") event[field] = value;
    else if (field === "retry") event.retry = Number(value);
    else if (field === "data") event.data = event.data === undefined ? value : `${event.data}\n${value}`;
    else throw new Error(`What is the line ${JSON.stringify(line)}?`);
  }
  return event;
}
