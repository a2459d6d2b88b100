/** The bars of the runtime. Ratios are those of medians over rounds: server, floor and peers run by turns, and a round hits all alike. */

import { bytes, millis, row, times } from "./bars.mjs";

const KB = 1024;
const exponent = (value) => value.toFixed(2);
const share = (value) => `${value.toFixed(2)}×`;

/** A ratio with those of the peers beside it. The first of `ratios` is ours. */
function ratioRow(measure, ratios, rule, own = "mcpwire") {
  const { low, median } = ratios[own];
  const peers = Object.entries(ratios)
    .filter(([name]) => !name.startsWith("mcpwire"))
    .map(([name, ratio]) => `${name} ${times(ratio.median)}`);
  return { ...row(measure, { value: median, median: low, show: share, ...rule }), median: "", peers: peers.join(", ") };
}

function stdioRows(stdio) {
  const bars = { stateful: { 64: 1.8, 1: 1.4 }, stateless: { 64: 2.2, 1: 1.4 } };
  return Object.entries(bars).flatMap(([era, loads]) =>
    Object.entries(loads)
      .toReversed()
      .map(([flight, most]) =>
        ratioRow(`stdio, ${era}, ${flight} in flight, floor over ours`, stdio[era][flight].times, { most }),
      ),
  );
}

function httpRows(http) {
  const bars = { 16: { mcpwire: 1.6, "mcpwire, fetch": 3 }, 1: { mcpwire: 1.3 } };
  return Object.entries(http).flatMap(([kind, loads]) =>
    Object.entries(bars).flatMap(([connections, most]) =>
      Object.entries(most).map(([own, bar]) => {
        const how = own === "mcpwire" ? "" : ", Request → Response";
        const measure = `HTTP${how}, ${kind}, ${connections} connections, floor over ours`;
        return ratioRow(measure, loads[connections].times, { most: bar }, own);
      }),
    ),
  );
}

/** An ES256 signature with each request is told beside the bars: nobody asks for that. */
function authRows(auth) {
  const names = {
    opaque: "opaque token, remembered",
    function: "a function of one's own",
    jwt: "JWT ES256, remembered",
  };
  return Object.entries(auth).flatMap(([era, { times: ratios }]) =>
    Object.entries(names).map(([how, name]) => {
      const ratio = ratioRow(`HTTP, ${era}, ${name}, over none`, ratios, { most: 1.25 }, how);
      return { ...ratio, peers: how === "jwt" ? `verified each time ${times(ratios["jwt-each"].median)}` : "" };
    }),
  );
}

function memoryRows(memory) {
  return Object.entries(memory).map(([how, { faster }]) =>
    row(`in memory, ${how} calls, times as fast as sdk 2`, { value: faster.median, show: times, least: 8 }),
  );
}

function listRows({ lengths, growth }) {
  return ["server", "client"].flatMap((side) => [
    row(`tools/list of 1000, ${side}, times as fast as sdk 2`, {
      value: lengths[1000][side].median,
      show: times,
      least: 12,
    }),
    row(`tools/list, ${side}, growth to 5000`, { value: growth[side], show: exponent, most: 1.2 }),
  ]);
}

function largeRows(large) {
  return Object.entries(large).flatMap(([shape, { sizes, growth }]) => [
    ...Object.entries(sizes).map(([megabytes, { times: ratio }]) =>
      row(`message of ${megabytes} MB (${shape}), over JSON.parse`, { value: ratio.median, show: share, most: 1.8 }),
    ),
    row(`message of 1 to 50 MB (${shape}), growth`, { value: growth, show: exponent, most: 1.2 }),
  ]);
}

function sessionRows({ mcpwire, ...peers }) {
  const others = (tools) =>
    Object.entries(peers)
      .map(([name, figures]) => `${name} ${bytes(Math.round(figures[tools].each))}`)
      .join(", ");
  return ["1", "50"].flatMap((tools) => [
    {
      ...row(`heap of an idle session, server with ${tools} tools`, {
        value: Math.round(mcpwire[tools].each),
        show: bytes,
        most: 6 * KB,
      }),
      peers: others(tools),
    },
    // What the engine learns and never gives back is not a session's.
    row(`heap left of a deleted session, server with ${tools} tools`, {
      value: Math.round(mcpwire[tools].left),
      show: bytes,
      most: 512,
    }),
  ]);
}

function retainedRows({ mcpwire, ...peers }) {
  return ["json", "sse"].map((answers) => ({
    ...row(`heap kept for each of 100,000 requests, ${answers}`, {
      value: Math.round(mcpwire[answers]),
      show: bytes,
      most: 8,
    }),
    peers: Object.entries(peers)
      .map(([name, figures]) => `${name} ${bytes(Math.round(figures[answers]))}`)
      .join(", "),
  }));
}

function startupRows(startup) {
  const { mcpwire, floor } = startup.milliseconds;
  const added = mcpwire.median - floor.median;
  return [
    {
      ...ratioRow("spawn to first answer over stdio, over the floor", startup.times, { most: 1.3 }),
      median: `+${millis(added)}`,
    },
  ];
}

function taskRows({ speed, memory, replay }) {
  const speeds = Object.entries(speed).flatMap(([form, transports]) =>
    Object.entries(transports).flatMap(([transport, { times: ratios, milliseconds }]) =>
      Object.entries(ratios).map(([how, { low, median }]) => ({
        ...row(`1000 tasks of 10 ms, ${form}, ${transport}, ${how}, over plain calls`, {
          value: median,
          median: low,
          show: share,
          most: 3,
        }),
        median: millis(milliseconds[how].median),
      })),
    ),
  );
  const kept = Object.entries(memory).map(([form, { each, left }]) => ({
    ...row(`heap left of a task after its time, ${form}`, { value: Math.round(left), show: bytes, most: 16 }),
    median: `${Math.round(each)} B kept`,
  }));
  const rounds = Object.entries({ together: 1, "one by one": 2 }).flatMap(([how, trips]) => [
    row(`two questions ${how}: times that their effect ran`, { value: replay[how].effects, show: String, most: 1 }),
    row(`two questions ${how}: round trips for them`, { value: replay[how].trips, show: String, most: trips }),
  ]);
  return [...speeds, ...kept, ...rounds];
}

function scalingRows({ tasks, kills, resumed, lost, repeated, foreign }) {
  const under = `of ${tasks} tasks, ${kills} kills, ${resumed} taken over`;
  const none = (measure, value) =>
    row(`three servers on Redis: ${measure}, ${under}`, { value, show: String, most: 0 });
  return [
    none("results lost", lost),
    none("results or effects repeated", repeated),
    none("answers to the wrong principal", foreign),
  ];
}

/** The rows of the sections that were measured. */
export function runtimeRowsOf({
  stdio,
  http,
  auth,
  memory,
  lists,
  large,
  startup,
  sessions,
  flight,
  retained,
  tasks,
  scaling,
}) {
  return [
    ...(stdio === undefined ? [] : stdioRows(stdio)),
    ...(http === undefined ? [] : httpRows(http)),
    ...(auth === undefined ? [] : authRows(auth)),
    ...(memory === undefined ? [] : memoryRows(memory)),
    ...(lists === undefined ? [] : listRows(lists)),
    ...(large === undefined ? [] : largeRows(large)),
    ...(startup === undefined ? [] : startupRows(startup)),
    ...(sessions === undefined ? [] : sessionRows(sessions)),
    ...(flight === undefined
      ? []
      : [
          row("1000 in flight on a session, 20 ms tool, share of the floor", {
            value: flight.share.median,
            show: share,
            least: 0.6,
          }),
        ]),
    ...(retained === undefined ? [] : retainedRows(retained)),
    ...(tasks === undefined ? [] : taskRows(tasks)),
    ...(scaling === undefined ? [] : scalingRows(scaling)),
  ];
}
