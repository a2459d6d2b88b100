/** What a revision knows beyond its methods, found out by asking its generated guards: no list of revisions is kept by hand. */

import type { MethodEntry } from "../../generated/method-table.js";

type Probe = (row: MethodEntry) => boolean;

/** The answer of a row never changes. */
function remembered(probe: Probe): Probe {
  const known = new WeakMap<MethodEntry, boolean>();
  return (row) => {
    const answer = known.get(row) ?? probe(row);
    known.set(row, answer);
    return answer;
  };
}

const SEVERAL = {
  message: "",
  requestedSchema: {
    type: "object",
    properties: { field: { type: "array", items: { anyOf: [{ const: "a", title: "A" }] } } },
  },
};

/** Whether forms have titled choices and choices of several (SEP-1330, ELIC-27 to ELIC-29). Both came together. */
export const knowsTitledChoices: Probe = remembered((row) => row.isParams?.(SEVERAL) ?? true);

const PAGE = { mode: "url", message: "", url: "https://example.com/" };

/** Whether pages that people are sent to have ids (ELIC-12): only a guard that asks for one refuses a page without. */
export const demandsElicitationIds: Probe = remembered((row) => row.isParams?.(PAGE) === false);

/** Whether the model may be given tools (SEP-1577, SAMP-19): a guard that does not know the member lets anything through. */
export const knowsSamplingTools: Probe = remembered(
  (row) => row.isParams?.({ messages: [], maxTokens: 1, tools: "none" }) === false,
);
