/** The diffs of the released revisions, against what the requirements count. */

import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { countDiff, type Diff, diffModels, isEmpty, renderMarkdown } from "../../codegen/diff.js";
import type { Model } from "../../codegen/model.js";
import { readProject } from "../../codegen/read.js";
import { verifies } from "../verifies.js";

let models: readonly Model[] = [];

beforeAll(async () => {
  models = (await readProject(fileURLToPath(new URL("../../schema", import.meta.url)))).models;
});

function diffOf(before: string, after: string): Diff {
  const find = (revision: string): Model => {
    const model = models.find((candidate) => candidate.revision === revision);
    if (model === undefined) throw new Error(`no ${revision}`);
    return model;
  };
  return diffModels(find(before), find(after));
}

function namesOf(list: readonly { readonly name: string }[]): string[] {
  return list.map(({ name }) => name);
}

describe("2025-11-25 → 2026-07-28", () => {
  it(`removes 32 core definitions and adds 42${verifies("TRAP-48")}`, () => {
    const { definitions } = diffOf("2025-11-25", "2026-07-28").core;
    expect(definitions.removed).toHaveLength(32);
    expect(definitions.added).toHaveLength(42);
    expect(definitions.renamed).toEqual([]);
    expect(namesOf(definitions.removed)).toEqual(
      expect.arrayContaining(["InitializeRequest", "PingRequest", "Task", "ServerRequest", "RelatedTaskMetadata"]),
    );
    expect(namesOf(definitions.added)).toEqual(
      expect.arrayContaining(["JSONValue", "CacheableResult", "DiscoverRequest"]),
    );
  });

  it(`does not count names that the generator gave${verifies("TRAP-19", "TRAP-48")}`, () => {
    const { definitions } = diffOf("2025-11-25", "2026-07-28").core;
    const lists = [...namesOf(definitions.added), ...namesOf(definitions.removed)];
    expect(lists).not.toContain("GetTaskRequestParams");
    expect(lists).not.toContain("ListRootsRequestParams");
  });

  it(`shows tasks/get as gone from the core and present in the extension${verifies("TRAP-53")}`, () => {
    const { core, extensions } = diffOf("2025-11-25", "2026-07-28");
    const id = "io.modelcontextprotocol/tasks";
    expect(core.methods.removed.find(({ method }) => method === "tasks/get")).toMatchObject({ movedTo: id });
    expect(extensions).toHaveLength(1);
    expect(extensions[0]).toMatchObject({ extension: id, status: "added" });
    expect(extensions[0]?.methods.added.find(({ method }) => method === "tasks/get")).toMatchObject({
      movedFrom: "core",
      from: ["client"],
      changes: expect.arrayContaining([expect.objectContaining({ change: "from", before: "client, server" })]),
    });
    const tasksGet = extensions[0]?.methods.added.find(({ method }) => method === "tasks/get");
    const gates = tasksGet?.changes?.filter(({ change }) => change === "capability") ?? [];
    expect(gates.map(({ subject, breaks }) => ({ subject, breaks }))).toEqual([
      { subject: "client", breaks: { sender: [], receiver: [] } },
      { subject: "server", breaks: { sender: [], receiver: [] } },
    ]);
    expect(extensions[0]?.definitions.added).toContainEqual(
      expect.objectContaining({ name: "Task", movedFrom: "core" }),
    );
  });

  it(`knows the changes that the requirements name${verifies("TRAP-22", "TRAP-23", "TRAP-27", "TRAP-40")}`, () => {
    const diff = diffOf("2025-11-25", "2026-07-28");
    const payload = (name: string, path: string) =>
      diff.core.definitions.changed
        .find((change) => change.name === name)
        ?.changes.filter((change) => change.path === path);
    expect(diff.era).toMatchObject({ before: "stateful", after: "stateless" });
    expect(payload("CompleteResult", "completion.values")).toEqual([
      {
        path: "completion.values",
        change: "constraint",
        constraint: "maxItems",
        after: "100",
        breaks: { sender: ["server"], receiver: [] },
      },
    ]);
    expect(payload("CallToolResult", "resultType")).toMatchObject([{ change: "property-added", required: true }]);
    expect(payload("CancelledNotificationParams", "requestId")).toMatchObject([{ change: "now-required" }]);
    expect(payload("RequestParams", '_meta["io.modelcontextprotocol/protocolVersion"]')).toMatchObject([
      { change: "property-added", required: true, breaks: { sender: ["client"], receiver: [] } },
    ]);
    const roots = diff.core.methods.changed.find(({ method }) => method === "roots/list");
    expect(roots?.changes).toContainEqual(
      expect.objectContaining({ change: "kind", before: "request", after: "input" }),
    );
    expect(diff.errors.map(({ name, change }) => [name, change])).toEqual([
      ["HeaderMismatchError", "added"],
      ["MissingRequiredClientCapabilityError", "added"],
      ["URLElicitationRequiredError", "removed"],
      ["UnsupportedProtocolVersionError", "added"],
    ]);
  });
});

describe("older revisions", () => {
  it(`knows renames in both directions${verifies("TRAP-47")}`, () => {
    expect(diffOf("2025-03-26", "2025-06-18").core.definitions.renamed).toEqual([
      { before: "ResourceReference", after: "ResourceTemplateReference" },
    ]);
    expect(diffOf("2025-11-25", "2025-06-18").core.definitions.renamed).toEqual([
      { before: "JSONRPCErrorResponse", after: "JSONRPCError" },
    ]);
  });

  it(`tells params that got a name from new ones${verifies("TRAP-19")}`, () => {
    const { named, added } = diffOf("2025-06-18", "2025-11-25").core.definitions;
    expect(named).toContain("CallToolRequestParams");
    expect(namesOf(added)).not.toContain("CallToolRequestParams");
  });

  it(`does not take a new meaning of JSONRPCResponse for a change on the wire${verifies("TRAP-31")}`, () => {
    const { changed } = diffOf("2025-06-18", "2025-11-25").core.definitions;
    const breaksOf = (name: string) =>
      changed.find((change) => change.name === name)?.changes.map(({ breaks }) => breaks);
    expect(breaksOf("JSONRPCResponse")).toEqual([{ sender: [], receiver: [] }]);
    expect(breaksOf("JSONRPCErrorResponse")).toContainEqual({ sender: [], receiver: ["client", "server"] });
  });

  it("sees a new content block as what clients are not ready for", () => {
    const { changed } = diffOf("2025-03-26", "2025-06-18").core.definitions;
    expect(changed.find(({ name }) => name === "CallToolResult")?.changes).toContainEqual(
      expect.objectContaining({
        path: "content[]",
        added: ["ResourceLink"],
        breaks: { sender: [], receiver: ["client"] },
      }),
    );
  });
});

describe("any two revisions", () => {
  it("are the same as themselves and nothing else, and are not changed by the comparison", () => {
    const text = JSON.stringify(models);
    for (const before of models) {
      for (const after of models) expect(isEmpty(diffModels(before, after))).toBe(before === after);
    }
    expect(JSON.stringify(models)).toBe(text);
  });

  it("mirror each other: what one direction adds, the other removes", () => {
    for (const [index, before] of models.entries()) {
      for (const after of models.slice(index + 1)) {
        const [there, back] = [diffModels(before, after).core, diffModels(after, before).core];
        expect(namesOf(there.definitions.added)).toEqual(namesOf(back.definitions.removed));
        expect(namesOf(there.definitions.removed)).toEqual(namesOf(back.definitions.added));
        expect(there.definitions.named).toEqual(back.definitions.inlined);
        const [gone, come] = [there.methods.removed, back.methods.added].map((list) =>
          list.map(({ method }) => method),
        );
        expect(gone).toEqual(come);
      }
    }
  });

  it(`count up: before, less what went, plus what came, is after${verifies("TRAP-48")}`, () => {
    const upstream = (model: Model): number =>
      Object.values(model.definitions).filter((each) => !each.synthesized && each.extension === undefined).length;
    for (const before of models) {
      for (const after of models) {
        const { added, removed, named, inlined } = diffModels(before, after).core.definitions;
        const result = upstream(before) + added.length + named.length - removed.length - inlined.length;
        expect(result, `${before.revision} → ${after.revision}`).toBe(upstream(after));
      }
    }
  });
});

describe("Markdown", () => {
  it("puts what breaks first and says who", () => {
    const text = renderMarkdown(diffOf("2025-11-25", "2026-07-28"));
    const headings = text.split("\n").filter((line) => /^##? /.test(line));
    expect(headings).toEqual([
      "# 2025-11-25 → 2026-07-28",
      "## Breaking changes",
      "## Other changes",
      "## Definitions",
      "## Extension `io.modelcontextprotocol/tasks` (new)",
    ]);
    expect(text).toContain(
      "- `CompleteResult`: `completion.values`: `maxItems` is 100 now, there was none. **Breaks server (sender)**",
    );
    expect(text).toContain("now in `io.modelcontextprotocol/tasks`");
    expect(text).toContain("- Added (42): ");
    expect(text.endsWith("\n")).toBe(true);
  });

  it("fits below another heading, and stays the same from run to run", () => {
    const diff = diffOf("2024-11-05", "2025-03-26");
    const text = renderMarkdown(diff, { level: 3 });
    expect(text.startsWith("### 2024-11-05 → 2025-03-26\n")).toBe(true);
    expect(renderMarkdown(diffOf("2024-11-05", "2025-03-26"), { level: 3 })).toBe(text);
    expect(countDiff(diff).breaking.client.receiver).toBeGreaterThan(0);
  });
});
