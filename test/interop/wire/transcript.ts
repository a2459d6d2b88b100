/** What passed on the wire of one row, conversation by conversation, and what of it does not fit. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createConversationChecker } from "../../../runtime/protocol/conversation.js";

export type Side = "client" | "server";

export interface Passed {
  readonly from: Side;
  readonly message: Readonly<Record<string, unknown>>;
}

/** A message that does not fit: whose, which, and where. */
export interface Fault {
  readonly from: Side;
  /** The method of the message, or of the request that it answers. */
  readonly method: string;
  readonly pointer: string;
  /** For people. */
  readonly what: string;
}

/** Notes what passes in one conversation, that is, one connection or one session. */
export interface Conversation {
  /** Takes what one side sent, as it was on the wire. */
  take(from: Side, text: string): void;
  readonly passed: readonly Passed[];
  readonly faults: readonly Fault[];
  /** The revision that was spoken, as far as messages told. */
  readonly revision: string | undefined;
}

export function createConversation(): Conversation {
  const checker = createConversationChecker();
  const passed: Passed[] = [];
  const faults: Fault[] = [];
  return {
    passed,
    faults,
    get revision() {
      return checker.revision;
    },
    take(from, text) {
      let message: Passed["message"];
      try {
        message = JSON.parse(text);
      } catch {
        faults.push({ from, method: "", pointer: "", what: `no JSON: ${text.slice(0, 200)}` });
        return;
      }
      const asked = checker.pending();
      passed.push({ from, message });
      const report = checker.feed({ from, message });
      if (report.ok) return;
      const answered = asked.find((request) => request.from !== from && request.id === message.id);
      const method = String(message.method ?? answered?.method ?? "");
      const excerpt = JSON.stringify(message).slice(0, 400);
      for (const { pointer, expected, actual } of report.failures)
        faults.push({ from, method, pointer, what: `${report.revision}: ${expected}, not ${actual}: ${excerpt}` });
    },
  };
}

/** The conversations that taps on stdio wrote down in a folder, in the order in which they began. */
export function readConversations(folder: string): Conversation[] {
  const files = readdirSync(folder).filter((name) => name.endsWith(".jsonl"));
  return files.sort().map((name) => {
    const conversation = createConversation();
    for (const line of readFileSync(join(folder, name), "utf8").split("\n").filter(Boolean)) {
      const { from, text } = JSON.parse(line) as { from: Side; text: string };
      conversation.take(from, text);
    }
    return conversation;
  });
}
