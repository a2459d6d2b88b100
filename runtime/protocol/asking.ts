/**
 * What both eras do with a question before it leaves the server: written in the way of the revision where nothing is lost by it, and looked
 * at. Requirements ELIC-20 to ELIC-30, SAMP-03, SAMP-11, SAMP-18, SAMP-23 to SAMP-28.
 */

import type { MethodEntry } from "../../generated/method-table.js";
import type { CreateMessageRequestParams } from "../../generated/neutral/types.js";
import { explainWith } from "../../generated/prelude.js";
import { McpWireError } from "../errors.js";
import { declares } from "./capabilities.js";
import { isObject } from "./envelope.js";
import type { ServerFacts, Terms, WriteQuestion } from "./era.js";
import { describe } from "./fit.js";
import { demandsElicitationIds, knowsSamplingTools, knowsTitledChoices } from "./knowledge.js";
import { checkSamplingQuestion, singleBlocks } from "./sampling.js";

/**
 * The params of a question as they go out.
 * @throws McpWireError `INVALID_USE` where the revision has no way to ask it, or nobody could answer it.
 */
export const writeQuestion: WriteQuestion = (row, method, params, terms, facts) => {
  const written = isObject(params) ? writers[method]?.(row, params, terms, facts) : undefined;
  checkQuestion(row, method, written ?? params);
  return written ?? params;
};

type Params = { readonly [key: string]: unknown };
type Writer = (row: MethodEntry, params: Params, terms: Terms, facts: ServerFacts) => unknown;

const writers: Readonly<Record<string, Writer>> = {
  "elicitation/create": (row, params, terms, facts) => {
    const form = params.requestedSchema;
    if (params.mode === "url") return withElicitationId(row, params);
    warnOfLinks(params, facts);
    if (!isObject(form) || !isObject(form.properties) || knowsTitledChoices(row)) return params;
    const fields = Object.entries(form.properties);
    const several = fields.find(([, field]) => isObject(field) && field.type === "array");
    if (several !== undefined) {
      const problem = `The form was not asked: ${several[0]} is a choice of several, which ${terms.revision} cannot say.`;
      throw new McpWireError("INVALID_USE", problem, "Give each choice a yes or no of its own, or ask for one choice.");
    }
    const properties = Object.fromEntries(fields.map(([name, field]) => [name, withEnumNames(field)]));
    return { ...params, requestedSchema: { ...form, properties } };
  },
  "sampling/createMessage": (row, params, terms, facts) => {
    const asked = params as unknown as CreateMessageRequestParams;
    if (!knowsSamplingTools(row)) {
      if (asked.tools === undefined && asked.toolChoice === undefined) return singleBlocks(row, asked);
      const problem = `The model was not asked: ${terms.revision} has no tools in sampling.`;
      throw new McpWireError(
        "NOT_DECLARED",
        problem,
        "Look at `ctx.client.capabilities.sampling`, or ask without tools.",
      );
    }
    // The guard has its say first: what it refuses cannot be read here.
    checkQuestion(row, "sampling/createMessage", asked);
    const failures = checkSamplingQuestion(asked);
    if (failures.length > 0) {
      const problem = `The model was not asked: ${describe(failures)}.`;
      throw new McpWireError("INVALID_USE", problem, "Answer every tool_use with one tool_result, at once and alone.");
    }
    warnOfContext(asked, terms, facts);
    return asked;
  },
};

/** A titled choice in the words of revisions before titled choices (ELIC-25): nothing is lost. */
function withEnumNames(field: unknown): unknown {
  if (!isObject(field) || field.type !== "string" || !Array.isArray(field.oneOf)) return field;
  const { oneOf, ...rest } = field;
  const choices = oneOf as readonly { readonly const?: unknown; readonly title?: unknown }[];
  return { ...rest, enum: choices.map((choice) => choice.const), enumNames: choices.map(({ title }) => title) };
}

const LINK = /\bhttps?:\/\/\S|\bwww\.\S/i;
const linked = new WeakSet<ServerFacts>();

/** Addresses in a form are ones that the person never agreed to open: whoever runs the server is told once (ELIC-64). */
function warnOfLinks({ message, requestedSchema }: Params, facts: ServerFacts): void {
  if (linked.has(facts)) return;
  const found = LINK.test(String(message)) ? "/message" : linkIn(requestedSchema, "/requestedSchema");
  if (found === undefined) return;
  linked.add(facts);
  const problem = `A form was asked with an address in its text, at ${found}.`;
  facts.report(
    new McpWireError("LINK_IN_FORM", problem, "Send the person to a page by `ctx.requireUrl` or `ctx.elicitUrl`."),
  );
}

/** Where a text for people has an address in it. Values, such as defaults, are the person's to choose. */
function linkIn(part: unknown, pointer: string): string | undefined {
  if (!isObject(part)) return undefined;
  for (const [key, value] of Object.entries(part)) {
    const place = `${pointer}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
    const texts =
      key === "enumNames" && Array.isArray(value) ? value : key === "title" || key === "description" ? [value] : [];
    if (texts.some((text) => typeof text === "string" && LINK.test(text))) return place;
    const inner = Array.isArray(value)
      ? value.map((one, index) => [one, `${place}/${index}`] as const)
      : [[value, place] as const];
    for (const [one, at] of inner) {
      const found = linkIn(one, at);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

const warned = new WeakSet<ServerFacts>();

/** Context that a client did not offer is on its way out, and told once to who runs the server (SAMP-18). */
function warnOfContext(asked: CreateMessageRequestParams, terms: Terms, facts: ServerFacts): void {
  const { includeContext = "none" } = asked;
  if (includeContext === "none" || declares(terms.clientCapabilities, "sampling.context") || warned.has(facts)) return;
  warned.add(facts);
  const problem = `The model is asked with includeContext ${JSON.stringify(includeContext)}, which the client did not offer.`;
  facts.report(new McpWireError("CONTEXT_NOT_DECLARED", problem, "Leave includeContext out: clients may ignore it."));
}

/** Looks at a question before it goes out. @throws McpWireError `INVALID_USE` where its params do not fit the revision spoken. */
function checkQuestion(row: MethodEntry, method: string, params: unknown): void {
  if (params === undefined || row.isParams === undefined || row.isParams(params)) return;
  const problem = `${method} was not asked: its params do not fit the revision spoken: ${describe(explainWith(row.isParams, params))}.`;
  throw new McpWireError("INVALID_USE", problem, "Look at `ctx.revision`, or ask in a way that every revision has.");
}

/** A page has an id of its own in the revision that demands one, and none in others (ELIC-12, ELIC-44). */
function withElicitationId(row: MethodEntry, { elicitationId, ...page }: Params): unknown {
  if (!demandsElicitationIds(row)) return page;
  return { ...page, elicitationId: elicitationId ?? crypto.randomUUID() };
}
