/**
 * `npm run conformance`: the referee judges the server and the client of this folder, at each revision that it has requirements for.
 * `-- --revision R`, `--leg server|server-sse|client` and `--scenario S` narrow it down. Fails on any failure and on any warning.
 */

import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { prepareReferee, type Referee, type Side } from "./referee.js";
import { headline, judge, leftOut, readChecks, tell, type Verdict } from "./verdicts.js";

const REVISIONS = ["2025-11-25", "2026-07-28"];

/** What is judged: the server as it chooses how to answer, the server with an event stream for every answer, and the client. */
const LEGS: readonly { readonly name: string; readonly side: Side; readonly flags: readonly string[] }[] = [
  { name: "server", side: "server", flags: [] },
  { name: "server-sse", side: "server", flags: ["--sse"] },
  { name: "client", side: "client", flags: [] },
];

type LegRow = (typeof LEGS)[number];

/** This file runs from where it was built to. */
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const BUILT = join(ROOT, "dist-test/conformance");
const OUT = join(BUILT, "results");

/** Scenarios that are in no set of requirements: servers of before there were metadata of resources. */
const BESIDE: Readonly<Record<string, readonly string[]>> = {
  "2025-11-25 client": ["auth/2025-03-26-oauth-metadata-backcompat", "auth/2025-03-26-oauth-endpoint-fallback"],
};

/** Clients that run at once: more of them run into the referee's timeouts on a small machine. */
const CLIENTS_AT_ONCE = 2;

const { values: wanted } = parseArgs({
  options: { revision: { type: "string" }, leg: { type: "string" }, scenario: { type: "string" } },
});

/** Starts the server and gives its port, and a way to end it. */
async function startServer(flags: readonly string[]): Promise<{ port: string; end(): Promise<unknown> }> {
  const args = [join(BUILT, "server.js"), "--port", "0", ...flags];
  const program = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => program.once("close", resolve));
  const end = (): Promise<unknown> => {
    program.kill();
    return ended;
  };
  for await (const line of createInterface({ input: program.stdout, signal: AbortSignal.timeout(10_000) }))
    return { port: new URL(line).port, end };
  await end();
  throw new Error("The server did not start within 10 s; see above.");
}

/** The server's scenarios run one after another in one run of the referee. */
async function judgeServer(referee: Referee, revision: string, leg: LegRow, scenarios: string[]): Promise<Verdict[]> {
  const out = join(OUT, revision, leg.name);
  const server = await startServer(leg.flags);
  try {
    const which = wanted.scenario === undefined ? ["--requirements", revision] : only(wanted.scenario, revision);
    await referee.run(["server", "--url", `http://localhost:${server.port}/mcp`, ...which], out);
  } finally {
    await server.end();
  }
  const checks = readChecks(out);
  return scenarios.map((scenario) => judge(scenario, checks.get(`server-${scenario}`)));
}

/** The client's scenarios have a run of the referee each, which would otherwise start all clients at once. */
async function judgeClient(referee: Referee, revision: string, leg: LegRow, scenarios: string[]): Promise<Verdict[]> {
  const verdicts = new Map<string, Verdict>();
  const waiting = [...scenarios];
  const work = async (): Promise<void> => {
    for (let scenario = waiting.shift(); scenario !== undefined; scenario = waiting.shift()) {
      const out = join(OUT, revision, leg.name, scenario);
      const command = ["--command", "exec node dist-test/conformance/client.js"];
      const code = await referee.run(["client", ...command, ...only(scenario, revision)], out);
      const problem = code === 0 ? undefined : `the run ended with code ${code}; see ${out}`;
      verdicts.set(scenario, judge(scenario, readChecks(out).get(scenario), problem));
    }
  };
  await Promise.all(Array.from({ length: CLIENTS_AT_ONCE }, work));
  return scenarios.flatMap((scenario) => verdicts.get(scenario) ?? []);
}

/** One scenario on the wire of a revision, scored there or not. */
function only(scenario: string, revision: string): string[] {
  return ["--scenario", scenario, "--spec-version", revision, "--force"];
}

/** Judges one side at one revision, and tells of it. */
async function judgeLeg(referee: Referee, revision: string, leg: LegRow): Promise<Verdict[]> {
  const { scored, notScored } = referee.requirements(revision, leg.side);
  const beside = BESIDE[`${revision} ${leg.side}`] ?? [];
  const all = [...scored, ...notScored, ...beside].filter(
    (name) => wanted.scenario === undefined || name === wanted.scenario,
  );
  const left = leftOut(all);
  const scenarios = all.filter((name) => ![...left.values()].flat().includes(name));
  if (scenarios.length === 0) return [];
  const judgeSide = leg.side === "server" ? judgeServer : judgeClient;
  const verdicts = await judgeSide(referee, revision, leg, scenarios);
  console.log(`\n${revision}, ${leg.name}\n\n${headline()}`);
  for (const verdict of verdicts) console.log(tell(verdict, scored.includes(verdict.scenario) ? "" : " (not scored)"));
  for (const [reason, names] of left) console.log(`  left out, ${reason}: ${names.join(", ")}`);
  return verdicts;
}

async function judgeAll(): Promise<void> {
  rmSync(OUT, { recursive: true, force: true });
  const began = performance.now();
  const referee = prepareReferee(ROOT);
  console.log(
    `@modelcontextprotocol/conformance ${referee.version} on Node ${referee.node}; judged on Node ${process.version}`,
  );
  const verdicts: Verdict[] = [];
  for (const revision of REVISIONS.filter((one) => (wanted.revision ?? one) === one))
    for (const leg of LEGS.filter(({ name }) => (wanted.leg ?? name) === name))
      verdicts.push(...(await judgeLeg(referee, revision, leg)));
  const failed = verdicts.filter(({ passed }) => !passed);
  const succeeded = verdicts.reduce((sum, { counts }) => sum + counts.SUCCESS, 0);
  const seconds = ((performance.now() - began) / 1_000).toFixed(0);
  console.log(
    `\n${verdicts.length} scenarios, ${failed.length} not passed; ${succeeded} checks succeeded; ${seconds} s`,
  );
  if (failed.length > 0) console.log(`What the referee saw is in ${OUT}`);
  if (failed.length > 0 || verdicts.length === 0) process.exitCode = 1;
}

await judgeAll();
