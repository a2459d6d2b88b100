/** The guards of revision 2025-11-25 on valid and on invalid messages, against the official Zod schemas and `JSON.parse`. */

import * as zod from "@modelcontextprotocol/core";
import * as entry from "../dist/generated/2025-11-25/index.js";
import { alternate, ratio } from "./alternate.mjs";
import { messages, spoilt } from "./messages.mjs";

const { explain, lastFailure } = entry;
const exported = new Map(Object.entries(entry));
const official = new Map(Object.entries(zod));
const guardOf = (definition) => exported.get(`is${definition}`);
const schemaOf = (definition) => official.get(`${definition}Schema`);

const ROUNDS = 10;
const MIX = { warmup: 20, blocks: 20, batches: 22, untimed: 2 };
const SINGLE = { warmup: 4, blocks: 4, batches: 12, untimed: 2 };

/** Messages as texts, with the guard and the schema of each, in arrays that the loops below walk in step. */
function corpusOf(rows, rounds) {
  const all = Array.from({ length: rounds }, () => rows).flat();
  const names = all.map(([definition]) => definition);
  return {
    names,
    texts: all.map(([, value]) => JSON.stringify(value)),
    guards: names.map(guardOf),
    schemas: names.map(schemaOf),
  };
}

/** Objects that nothing has looked at yet. */
function fresh({ texts }) {
  return texts.map((text) => JSON.parse(text));
}

/** Each subject has a loop of its own, so that the engine's notes about one do not blur those about another. */
function validSubjects(corpus) {
  const { texts, guards, schemas } = corpus;
  return [
    {
      name: "guards",
      prepare: () => fresh(corpus),
      run(values) {
        let good = 0;
        for (let i = 0; i < values.length; i++) if (guards[i](values[i])) good++;
        return good;
      },
    },
    {
      name: "zod",
      prepare: () => fresh(corpus),
      run(values) {
        let good = 0;
        for (let i = 0; i < values.length; i++) if (schemas[i].safeParse(values[i]).success) good++;
        return good;
      },
    },
    {
      name: "JSON.parse",
      prepare: () => texts,
      run(lines) {
        let good = 0;
        for (let i = 0; i < lines.length; i++) if (JSON.parse(lines[i]) !== undefined) good++;
        return good;
      },
    },
  ];
}

function invalidSubjects(corpus) {
  const { names, guards, schemas } = corpus;
  const prepare = () => fresh(corpus);
  return [
    {
      name: "verdict",
      prepare,
      run(values) {
        let good = 0;
        for (let i = 0; i < values.length; i++) if (!guards[i](values[i])) good++;
        return good;
      },
    },
    {
      name: "pointer",
      prepare,
      run(values) {
        let good = 0;
        for (let i = 0; i < values.length; i++) {
          if (!guards[i](values[i]) && lastFailure().pointer !== undefined) good++;
        }
        return good;
      },
    },
    {
      name: "explain",
      prepare,
      run(values) {
        let good = 0;
        for (let i = 0; i < values.length; i++) if (explain(names[i], values[i]).length > 0) good++;
        return good;
      },
    },
    {
      name: "zod",
      prepare,
      run(values) {
        let good = 0;
        for (let i = 0; i < values.length; i++) if (schemas[i].safeParse(values[i]).error !== undefined) good++;
        return good;
      },
    },
  ];
}

function timed(rows, subjectsOf, rounds, plan) {
  const corpus = corpusOf(rows, rounds);
  return alternate(subjectsOf(corpus), { items: corpus.texts.length, ...plan });
}

function validFigures(rows, rounds, plan) {
  const times = timed(rows, validSubjects, rounds, plan);
  return { times, overZod: ratio(times.zod, times.guards), ofParse: ratio(times.guards, times["JSON.parse"]) };
}

function invalidFigures(rows, rounds, plan) {
  const times = timed(rows, invalidSubjects, rounds, plan);
  return {
    times,
    verdict: ratio(times.zod, times.verdict),
    pointer: ratio(times.zod, times.pointer),
    explain: ratio(times.zod, times.explain),
  };
}

/** The messages that guard and schema judge alike: only those are a comparison. */
function refusedByBoth() {
  return spoilt.filter(([name, value]) => !guardOf(name)(value) && !schemaOf(name).safeParse(value).success);
}

function perDefinition(rows, figuresOf) {
  const names = new Set(rows.map(([name]) => name));
  const figures = (own) => figuresOf(own, Math.ceil(200 / own.length), SINGLE);
  return Object.fromEntries([...names].map((name) => [name, figures(rows.filter((row) => row[0] === name))]));
}

/** Times per message, and the ratios, of the mix and of each definition alone. */
export function measureValid({ definitions }) {
  const sizes = messages.map(([, value]) => JSON.stringify(value).length);
  return {
    messages: messages.length,
    largest: Math.max(...sizes),
    bytes: sizes.reduce((sum, size) => sum + size, 0),
    ...validFigures(messages, ROUNDS, MIX),
    ...(definitions ? { definitions: perDefinition(messages, validFigures) } : {}),
  };
}

/** The same of messages with one fault each. */
export function measureInvalid({ definitions }) {
  const rows = refusedByBoth();
  return {
    messages: rows.length,
    left: spoilt.length - rows.length,
    ...invalidFigures(rows, Math.ceil((ROUNDS * messages.length) / rows.length), MIX),
    ...(definitions ? { definitions: perDefinition(rows, invalidFigures) } : {}),
  };
}
