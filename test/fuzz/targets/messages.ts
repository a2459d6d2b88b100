/** A server and whatever a client says to it: every request gets one answer at most, all that is said is JSON-RPC, and the server goes on. */

import { once } from "node:events";
import fc from "fast-check";
import { kindOf, type RpcPayload, requestIds } from "../../../runtime/jsonrpc/message.js";
import { createMemoryPair } from "../../../runtime/transport/memory.js";
import { isUnpolluted, openings, payload } from "../messages.js";
import { createSubject } from "../subject.js";
import { defineTarget, holds, type Target } from "../target.js";

interface Input {
  readonly opening: readonly unknown[];
  readonly messages: readonly unknown[];
}

const deep = (levels: number): unknown => JSON.parse(`${"[".repeat(levels)}${"]".repeat(levels)}`);

export const messages: Target = defineTarget<Input>({
  name: "messages",
  inputs: fc.record({ opening: openings, messages: fc.array(payload, { maxLength: 12 }) }),
  corpus: [
    {
      opening: [],
      messages: [
        { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "echo", arguments: { text: deep(4_000) } } },
      ],
    },
    {
      opening: [],
      messages: [
        JSON.parse(
          '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"__proto__":{"polluted":1},"name":"echo","arguments":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}},"_meta":{"__proto__":{"polluted":1}}}}',
        ),
      ],
    },
    {
      opening: [],
      messages: [
        {
          jsonrpc: "2.0",
          id: 1,
          method: "tools/call",
          params: { name: "echo", arguments: { text: `${"a ".repeat(30)}!` } },
        },
      ],
    },
    { opening: [], messages: [{ jsonrpc: "2.0", id: 1, method: "x".repeat(1_000_000) }] },
  ],
  async run({ opening, messages: said }) {
    const server = createSubject();
    const [near, far] = createMemoryPair();
    const asked = new Map<unknown, number>();
    let pong = false;
    const heard = new EventTarget();
    near.open({
      onmessage(message) {
        for (const one of Array.isArray(message) ? message : [message]) {
          const kind = kindOf(one);
          holds(kind !== "invalid", `The server says what is no message: ${JSON.stringify(one)?.slice(0, 500)}`);
          if (kind !== "result" && kind !== "failure") continue;
          const { id } = one as { id?: unknown };
          if (id === "the last") pong = true;
          if (id === "the last") heard.dispatchEvent(new Event("pong"));
          if (id === undefined) continue;
          const open = asked.get(id) ?? 0;
          holds(open > 0, `An answer to ${JSON.stringify(id)?.slice(0, 100)}, which nobody asked`);
          asked.set(id, open - 1);
        }
      },
      onerror: () => undefined,
      onlost: () => undefined,
      onend: () => undefined,
      onclose: () => undefined,
    });
    await server.connect(far);
    const last = { jsonrpc: "2.0", id: "the last", method: "ping" };
    for (const message of [...opening, ...said, last]) {
      // What has an id may be answered by an error, request or not.
      for (const id of requestIds(message).concat(idsOf(message))) asked.set(id, (asked.get(id) ?? 0) + 1);
      near.send(message as RpcPayload);
    }
    if (!pong) await once(heard, "pong");
    holds(isUnpolluted(), "A message changed what all objects have");
    await near.close();
    await server.close();
  },
});

function idsOf(message: unknown): (string | number)[] {
  return (Array.isArray(message) ? message : [message]).flatMap((one) => {
    const id = (one as { id?: unknown } | null)?.id;
    return kindOf(one) !== "request" && (typeof id === "string" || typeof id === "number") ? [id] : [];
  });
}
