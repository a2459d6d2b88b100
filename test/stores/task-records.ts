/** Records of tasks for the tests of stores. */

import type { TaskRecord } from "../../runtime/tasks/contract.js";

export function taskRecord(id: string, more: Partial<TaskRecord> = {}): TaskRecord {
  return {
    id,
    version: 1,
    principal: null,
    owner: "ada",
    method: "tools/call",
    params: { name: "work" },
    client: { revision: "2026-07-28", capabilities: {} },
    status: "working",
    createdAt: Date.now(),
    updatedAt: Date.now(),
    ttlMs: 60_000,
    pollMs: 10,
    questions: {},
    answers: {},
    kept: {},
    restartable: false,
    worker: "w",
    ...more,
  };
}
