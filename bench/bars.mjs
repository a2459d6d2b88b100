/**
 * The figures that have a bar, and the bars. Times and ratios are judged by the tenth percentiles of both sides: what the code
 * takes while nothing else disturbs it. Medians stand beside them; on a quiet machine the two agree.
 */

const KB = 1024;
export const times = (value) => `${value.toFixed(value < 10 ? 1 : 0)}×`;
const share = (value) => `${value.toFixed(3)}×`;
export const bytes = (value) => `${value} B`;
export const millis = (value) => `${value.toFixed(1)} ms`;
const seconds = (value) => `${value.toFixed(1)} s`;

/** One row of the table. `median` is the same figure from medians, where there is one. */
export function row(measure, { value, median, show, least, most }) {
  const met = least === undefined ? value <= most : value >= least;
  const bar = least === undefined ? `≤ ${show(most)}` : `≥ ${show(least)}`;
  return { measure, value, shown: show(value), median: median === undefined ? "" : show(median), bar, met };
}

export const ofPair = ({ median, low }, rule) => ({ value: low, median, ...rule });

function validRows({ overZod, ofParse }) {
  return [
    row("valid: guards, times as fast as Zod", ofPair(overZod, { show: times, least: 40 })),
    row("valid: guards, share of JSON.parse", ofPair(ofParse, { show: share, most: 0.2 })),
  ];
}

function invalidRows({ verdict, pointer, explain }) {
  return [
    row("invalid: verdict, times as fast as Zod", ofPair(verdict, { show: times, least: 50 })),
    row("invalid: verdict and first pointer", ofPair(pointer, { show: times, least: 40 })),
    row("invalid: every failure", ofPair(explain, { show: times, least: 3 })),
  ];
}

function sizeRows({ guards, entries, alone, wire, types, server }) {
  const each = (group, label, most) =>
    Object.entries(group).map(([name, { gzip }]) => row(`${label} ${name}`, { value: gzip, show: bytes, most }));
  return [
    ...each(guards, "size: all guards of", 7 * KB),
    ...each(entries, "size: whole entry", 11 * KB),
    row("size: wire guards of all revisions", { value: wire.gzip, show: bytes, most: 14 * KB }),
    row("size: mcpwire/server with stdio", { value: server.gzip, show: bytes, most: 35 * KB }),
    row("size: types alone", { value: types.gzip, show: bytes, most: 0 }),
    ...each(alone, "size: one guard,", KB),
  ];
}

/** The rows of the sections that were measured. */
export function rowsOf({ valid, invalid, sizes, imports, generate }) {
  return [
    ...(valid === undefined ? [] : validRows(valid)),
    ...(invalid === undefined ? [] : invalidRows(invalid)),
    ...(sizes === undefined ? [] : sizeRows(sizes)),
    ...(imports === undefined
      ? []
      : [
          row(
            "cold import of mcpwire/2025-11-25",
            ofPair(imports.added["mcpwire/2025-11-25"], { show: millis, most: 15 }),
          ),
          row("cold import of mcpwire/server", ofPair(imports.added["mcpwire/server"], { show: millis, most: 45 })),
        ]),
    ...(generate === undefined
      ? []
      : [row("generate, all revisions", ofPair(generate.seconds, { show: seconds, most: 10 }))]),
  ];
}
