/** What each kind of change of a method is called, and who breaks by it. */

import { describe, expect, it } from "vitest";
import { type Diff, diffModels, type MethodChange } from "../../codegen/diff.js";
import type { Method, Model } from "../../codegen/model.js";
import { verifies } from "../verifies.js";
import { message, object, ref, tiny } from "./tiny.js";

const NOBODY = { sender: [], receiver: [] };
const TEXT = { type: "string" };

/** A request of the server beside the tiny schema's own, with a result and a capability to declare. */
function asking(method: string, capability?: string): Model {
  return tiny({
    ServerRequest: { anyOf: [ref("AskRequest")] },
    AskRequest: message(method, "AskRequestParams"),
    AskRequestParams: object({ text: TEXT }),
    AskResult: object({ text: TEXT }),
    ClientCapabilities: object(capability === undefined ? {} : { [`${capability}?`]: { type: "object" } }),
  });
}

/** The tiny model with one method edited: what only the overlay or a union can change. */
function withMethod(change: Partial<Method>): Model {
  const model = tiny();
  const methods = model.methods.map((method) => (method.method === "echo" ? { ...method, ...change } : method));
  return { ...model, methods };
}

function changesOf(diff: Diff): readonly MethodChange[] {
  return diff.core.methods.changed.flatMap((method) => method.changes);
}

describe("methods that come and go", () => {
  it("a new request breaks those who can be asked", () => {
    const { added, removed } = diffModels(tiny(), asking("ask")).core.methods;
    expect(removed).toEqual([]);
    expect(added).toEqual([
      { method: "ask", kind: "request", from: ["server"], breaks: { sender: [], receiver: ["client"] } },
    ]);
  });

  it("a new request behind a capability of the asked breaks nobody", () => {
    const { added } = diffModels(tiny(), asking("elicitation/create", "elicitation")).core.methods;
    expect(added).toMatchObject([{ method: "elicitation/create", breaks: NOBODY }]);
  });

  it("a new notification breaks nobody", () => {
    const note = { MoreNotification: message("notifications/more", "NoteNotificationParams") };
    const more = tiny({ ...note, ServerNotification: { anyOf: [ref("NoteNotification"), ref("MoreNotification")] } });
    expect(diffModels(tiny(), more).core.methods.added).toMatchObject([{ kind: "notification", breaks: NOBODY }]);
  });

  it("a method that is gone breaks those who sent it", () => {
    const { removed } = diffModels(asking("ask"), tiny()).core.methods;
    expect(removed).toMatchObject([{ method: "ask", breaks: { sender: ["server"], receiver: [] } }]);
  });
});

describe("methods that change", () => {
  it(`a request that becomes an input request breaks everyone${verifies("TRAP-30")}`, () => {
    const definitions = {
      AskRequest: message("ask", "AskRequestParams"),
      AskRequestParams: object({ text: TEXT }),
      AskResult: object({ text: TEXT }),
    };
    const after = tiny({ ...definitions, InputRequest: { anyOf: [ref("AskRequest")] } });
    const both = { sender: ["client", "server"], receiver: ["client", "server"] };
    const before = tiny({ ...definitions, ServerRequest: { anyOf: [ref("AskRequest")] } });
    expect(changesOf(diffModels(before, after))).toEqual([
      { change: "kind", before: "request", after: "input", breaks: both },
    ]);
  });

  it("a side that may no longer send is broken, and a side that is asked now", () => {
    const twoWay = withMethod({ from: ["client", "server"] });
    expect(changesOf(diffModels(twoWay, tiny()))).toEqual([
      { change: "from", before: "client, server", after: "client", breaks: { sender: ["server"], receiver: [] } },
    ]);
    expect(changesOf(diffModels(tiny(), twoWay))).toEqual([
      { change: "from", before: "client", after: "client, server", breaks: { sender: [], receiver: ["client"] } },
    ]);
  });

  it("params that become required break senders, once", () => {
    const optional = tiny({ EchoRequest: message("echo", "EchoRequestParams", false) });
    const diff = diffModels(optional, tiny());
    expect(changesOf(diff)).toEqual([
      { change: "params-required", before: "false", after: "true", breaks: { sender: ["client"], receiver: [] } },
    ]);
    expect(diff.core.definitions.changed).toEqual([]);
    expect(changesOf(diffModels(tiny(), optional))[0]?.breaks).toEqual({ sender: [], receiver: ["server"] });
  });

  it("other params break as their shapes do", () => {
    const after = tiny({ EchoRequest: message("echo", "MoreParams"), MoreParams: object({ text: TEXT, more: TEXT }) });
    expect(changesOf(diffModels(tiny(), after))).toEqual([
      {
        change: "params",
        before: "EchoRequestParams",
        after: "MoreParams",
        breaks: { sender: ["client"], receiver: [] },
      },
    ]);
  });

  it("another result breaks as its shape does", () => {
    const model = withMethod({ result: "EchoRequestParams" });
    expect(changesOf(diffModels(tiny(), model))).toEqual([
      { change: "result", before: "EchoResult", after: "EchoRequestParams", breaks: NOBODY },
    ]);
  });

  it("an alternative breaks the asker unless it asked for it", () => {
    const alternatives = (when: Method["alternatives"][number]["when"]) => [{ definition: "EchoResult", when }];
    const typed = withMethod({ alternatives: alternatives({ resultType: "task" }) });
    const asked = withMethod({ alternatives: alternatives({ request: "params.task" }) });
    expect(changesOf(diffModels(tiny(), typed))).toEqual([
      { change: "alternative", after: "EchoResult (resultType task)", breaks: { sender: [], receiver: ["client"] } },
    ]);
    expect(changesOf(diffModels(tiny(), asked))[0]?.breaks).toEqual(NOBODY);
    expect(changesOf(diffModels(typed, tiny()))[0]?.breaks).toEqual({ sender: ["server"], receiver: [] });
  });

  it.each([
    { change: "capability", subject: "server", row: { capabilities: { server: "tools" } }, value: "tools" },
    {
      change: "header",
      subject: "Mcp-Name",
      row: { headers: { "Mcp-Method": "method", "Mcp-Name": "params.text" } },
      value: "params.text",
    },
  ])("a $change that appears breaks senders, one that goes away receivers", ({ change, subject, row, value }) => {
    const gated = withMethod(row);
    expect(changesOf(diffModels(tiny(), gated))).toEqual([
      { change, subject, after: value, breaks: { sender: ["client"], receiver: [] } },
    ]);
    expect(changesOf(diffModels(gated, tiny()))).toEqual([
      { change, subject, before: value, breaks: { sender: [], receiver: ["server"] } },
    ]);
  });

  it("a capability of one side binds the other where both send", () => {
    const free = withMethod({ from: ["client", "server"] });
    const gated = withMethod({ from: ["client", "server"], capabilities: { client: "tasks" } });
    expect(changesOf(diffModels(free, gated))).toEqual([
      { change: "capability", subject: "client", after: "tasks", breaks: { sender: ["server"], receiver: [] } },
    ]);
  });

  it("task augmentation and cache hints break nobody by themselves", () => {
    const changes = changesOf(diffModels(tiny(), withMethod({ taskAugmentable: true, cacheable: true })));
    expect(changes).toEqual([
      { change: "task-augmentable", before: "false", after: "true", breaks: NOBODY },
      { change: "cacheable", before: "false", after: "true", breaks: NOBODY },
    ]);
  });
});

describe("errors and traits", () => {
  const failing = (code: number): Model => tiny({ FullError: object({ code: { const: code }, message: TEXT }) });

  it("a new code breaks nobody, one that is gone those who answer, another one everybody it reaches", () => {
    expect(diffModels(tiny(), failing(-32099)).errors).toEqual([
      { name: "FullError", change: "added", code: -32099, breaks: NOBODY },
    ]);
    expect(diffModels(failing(-32099), tiny()).errors).toEqual([
      { name: "FullError", change: "removed", code: -32099, breaks: { sender: ["server"], receiver: [] } },
    ]);
    expect(diffModels(failing(-32099), failing(-32098)).errors).toEqual([
      {
        name: "FullError",
        change: "code",
        code: -32098,
        codeBefore: -32099,
        breaks: { sender: ["server"], receiver: ["client"] },
      },
    ]);
  });

  it("a demand that appears breaks those it is made of, a permission that ends those who used it", () => {
    const { traits } = diffModels(tiny({}, "2025-03-26"), tiny({}, "2025-06-18"));
    expect(traits).toEqual([
      { trait: "batching", change: "lost", breaks: { sender: ["client", "server"], receiver: [] } },
      { trait: "protocolVersionHeader", change: "gained", breaks: { sender: ["client"], receiver: [] } },
    ]);
  });
});
