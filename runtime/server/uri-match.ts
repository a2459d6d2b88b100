/**
 * Whether a URI comes from a template, and with which values, decoded. No regular expression decides it: what a client sends costs time in
 * proportion to its length. Loaded when a client first reads what only a template can give. Requirements RES-02, RES-16, SEC-42.
 */

import type { Part, Step, UriTemplate, Variables } from "./uri-template.js";

/** Longer URIs match no template. */
const MAX_URI = 8_192;

/** The values by which the template gives the URI; `undefined` where it cannot. */
export function matchUri({ parts, steps }: UriTemplate, uri: string): Variables | undefined {
  const found = uri.length > MAX_URI ? undefined : groupsOf(steps, uri);
  return found === undefined ? undefined : valuesOf(parts, found);
}

/**
 * What stands for each value, or for each group of pairs. From the last step to the first it is noted where each one could lead to from
 * each place, so that it costs the steps times the length, whatever the URI is: nothing is tried twice, as regular expressions would.
 * The first value takes as much as it can.
 */
function groupsOf(steps: readonly Step[], uri: string): (string | undefined)[] | undefined {
  const [first] = steps;
  if (first?.kind === "text" && !uri.startsWith(first.text)) return undefined;
  const tables: Int32Array[] = [];
  const last = new Int32Array(uri.length + 1).fill(-1);
  last[uri.length] = uri.length;
  tables[steps.length] = last;
  for (let index = steps.length - 1; index >= 0; index--)
    tables[index] = tableOf(steps[index] as Step, uri, tables[index + 1] as Int32Array, tables);
  if (at(tables[0], 0) < 0) return undefined;
  const groups: (string | undefined)[] = [];
  let place = 0;
  for (let index = 0; index < steps.length; index++) {
    const step = steps[index] as Step;
    const next = at(tables[index], place);
    if (step.kind === "value") groups.push(uri.slice(place, next));
    else if (step.kind === "pairs") groups.push(next === place ? undefined : uri.slice(place + 1, next));
    else if (step.kind === "option" && at(tables[index + 1], place) < 0) {
      for (const left of steps.slice(index, step.to)) if (left.kind === "value") groups.push(undefined);
      index = step.to - 1;
    }
    place = next;
  }
  return groups;
}

/** Where a step ends from each place, if the rest follows from there; -1 where it does not. */
function tableOf(step: Step, uri: string, rest: Int32Array, tables: readonly Int32Array[]): Int32Array {
  const { length } = uri;
  const table = new Int32Array(length + 1).fill(-1);
  switch (step.kind) {
    case "text":
      for (let place = length - step.text.length; place >= 0; place--)
        if (at(rest, place + step.text.length) >= 0 && uri.startsWith(step.text, place))
          table[place] = place + step.text.length;
      return table;
    case "option":
      for (let place = 0; place <= length; place++)
        if (at(rest, place) >= 0 || at(tables[step.to], place) >= 0) table[place] = place;
      return table;
    case "value": {
      let best = -1;
      for (let place = length - 1; place >= 0; place--) {
        const stops = step.stops.includes(uri[place] as string);
        if (stops) best = -1;
        else if (best < 0 && at(rest, place + 1) >= 0) best = place + 1;
        table[place] = best;
      }
      return table;
    }
    case "pairs": {
      let best = at(rest, length) >= 0 ? length : -1;
      if (best >= 0) table[length] = length;
      for (let place = length - 1; place >= 0; place--) {
        const follows = at(rest, place) >= 0;
        if (uri[place] === step.sign && best >= 0) table[place] = best;
        else if (follows) table[place] = place;
        if (step.stops.includes(uri[place] as string)) best = follows ? place : -1;
        else if (best < 0 && follows) best = place;
      }
      return table;
    }
  }
}

function at(table: Int32Array | undefined, place: number): number {
  return table?.[place] ?? -1;
}

function valuesOf(parts: readonly Part[], groups: readonly (string | undefined)[]): Variables | undefined {
  const values = new Map<string, string>();
  let next = 0;
  try {
    for (const { operator, names } of parts) {
      if (operator === ";" || operator === "?" || operator === "&") {
        const named = readPairs(groups[next++] ?? "", operator === ";" ? ";" : "&");
        for (const name of names) {
          const value = named.get(name);
          if (value !== undefined) values.set(name, value);
        }
        continue;
      }
      for (const name of names) {
        const group = groups[next++];
        if (group !== undefined) values.set(name, decodeURIComponent(group));
      }
    }
  } catch {
    // An escape that is none: no template gives such a URI.
    return undefined;
  }
  return Object.fromEntries(values);
}

function readPairs(text: string, separator: string): Map<string, string> {
  const pairs = text.split(separator).filter((pair) => pair !== "");
  return new Map(
    pairs.map((pair) => {
      const [name = "", ...value] = pair.split("=");
      return [decodeURIComponent(name), decodeURIComponent(value.join("="))];
    }),
  );
}
