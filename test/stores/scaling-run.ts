/**
 * Three servers on one Redis behind a proxy, under load, while one after the other is killed and started again. Every call is a task that
 * the load can account for: what came of it, how often its effect took place, and who could see it.
 */

import { createClient } from "redis";
import type { Client } from "../../runtime/client/client.js";
import { connect } from "../../runtime/client/connect.js";
import { RpcError } from "../../runtime/errors.js";
import { type NodeProcess, startNode } from "./node-process.js";
import { startProxy } from "./proxy.js";
import { startRedis } from "./redis-server.js";

export interface ScalingPlan {
  /** Milliseconds of load. */
  readonly loadMs: number;
  /** Milliseconds between two kills. */
  readonly killEveryMs: number;
  /** Calls that each principal has under way at once. */
  readonly flight: number;
}

export interface ScalingFigures {
  /** Tasks whose id was told to their client. */
  readonly tasks: number;
  /** Calls that broke before anything was answered; the caller made new ones. */
  readonly unanswered: number;
  readonly kills: number;
  /** Tasks that began more than once, since their worker was killed. */
  readonly resumed: number;
  /** Tasks without the result that they had to have. */
  readonly lost: number;
  /** Effects that took place more than once, and results that were another the second time. */
  readonly repeated: number;
  /** Answers and questions that reached another principal. */
  readonly foreign: number;
  /** What was wrong, in words. */
  readonly faults: readonly string[];
}

const PRINCIPALS = ["ada", "bob", "eve"] as const;
const NODES = 3;
const WORK_MS = 250;
/** How long a task may take beyond the load before it counts as lost. */
const PATIENCE_MS = 60_000;
const MAX_FAULTS = 20;
const PREFIX = "scaling:";

export async function runScaling(plan: ScalingPlan): Promise<ScalingFigures> {
  const redis = await startRedis();
  const nodes: NodeProcess[] = [];
  try {
    const start = (): Promise<NodeProcess> =>
      startNode("task-node.mjs", { name: "node", url: redis.url, prefix: PREFIX, pollMs: 250 });
    nodes.push(...(await Promise.all(Array.from({ length: NODES }, start))));
    const proxy = await startProxy(() => nodes.map(({ url }) => url));
    try {
      const run = new ScalingRun(proxy.url, Date.now() + plan.loadMs, plan.flight);
      const killing = keepKilling(nodes, start, plan);
      await run.all();
      const kills = await killing;
      return { ...(await run.figures(redis.url)), kills };
    } finally {
      await proxy.close();
    }
  } finally {
    await Promise.all(nodes.map((node) => node.kill()));
    await redis.stop();
  }
}

/** Kills one after the other while there is load, each time without a word, and starts another in its place; never the last one. */
async function keepKilling(
  nodes: NodeProcess[],
  start: () => Promise<NodeProcess>,
  plan: ScalingPlan,
): Promise<number> {
  const until = Date.now() + plan.loadMs;
  const starting = new Map<number, Promise<void>>();
  const replace = async (place: number): Promise<void> => {
    nodes[place] = await start();
    starting.delete(place);
  };
  let kills = 0;
  for (let turn = 0; Date.now() + plan.killEveryMs < until; turn++) {
    await pause(plan.killEveryMs);
    const place = turn % NODES;
    // A machine that is busy takes long to start one.
    if (starting.has(place) || starting.size === NODES - 1) continue;
    await nodes[place]?.kill();
    kills++;
    starting.set(place, replace(place));
  }
  await Promise.all(starting.values());
  return kills;
}

interface Attempt {
  readonly principal: string;
  readonly attempt: string;
  readonly tool: string;
  id?: string;
  text?: string;
}

class ScalingRun {
  readonly #url: string;
  readonly #until: number;
  readonly #flight: number;
  readonly #attempts: Attempt[] = [];
  readonly #faults: string[] = [];
  readonly #clients = new Map<string, Client>();
  #lost = 0;
  #repeated = 0;
  #foreign = 0;

  constructor(url: string, until: number, flight: number) {
    this.#url = url;
    this.#until = until;
    this.#flight = flight;
  }

  async all(): Promise<void> {
    for (const principal of PRINCIPALS) this.#clients.set(principal, await this.#connect(principal));
    const lanes = PRINCIPALS.flatMap((principal) =>
      Array.from({ length: this.#flight }, (_, lane) => this.#lane(principal, lane)),
    );
    await Promise.all(lanes);
    for (const client of this.#clients.values()) await client.close();
  }

  async figures(url: string): Promise<Omit<ScalingFigures, "kills">> {
    const counter = await createClient({ url }).connect();
    const countOf = async (what: string, { attempt }: Attempt): Promise<number> =>
      Number(await counter.get(`${PREFIX}${what}:${attempt}`));
    let resumed = 0;
    for (const one of this.#attempts) {
      const effects = await countOf("effects", one);
      if (effects > 1) this.#count("repeated", `${one.attempt}: the effect took place ${effects} times`);
      if (one.text !== undefined && effects !== 1) this.#count("lost", `${one.attempt}: a result without its effect`);
      if (one.id !== undefined && (await countOf("runs", one)) > 1) resumed++;
    }
    counter.destroy();
    const tasks = this.#attempts.filter(({ id }) => id !== undefined).length;
    return {
      tasks,
      unanswered: this.#attempts.length - tasks,
      resumed,
      lost: this.#lost,
      repeated: this.#repeated,
      foreign: this.#foreign,
      faults: this.#faults,
    };
  }

  async #connect(principal: string): Promise<Client> {
    const elicit = ({ message }: { readonly message: string }): { action: "accept"; content: { name: string } } => {
      if (!message.includes(`for ${principal}-`)) this.#count("foreign", `${principal} was asked: ${message}`);
      return { action: "accept", content: { name: principal } };
    };
    const headers = { authorization: `Bearer ${principal}` };
    return await connect({ url: this.#url, headers }, { elicit, revisions: ["2026-07-28"] });
  }

  /** One call after the other, of both kinds. */
  async #lane(principal: string, lane: number): Promise<void> {
    const client = this.#clients.get(principal) as Client;
    for (let count = 0; Date.now() < this.#until; count++) {
      const tool = (count + lane) % 2 === 0 ? "work" : "ask";
      const one: Attempt = { principal, attempt: `${principal}-${lane}-${count}`, tool };
      this.#attempts.push(one);
      const id = await this.#begin(client, one);
      if (id === undefined) continue;
      one.id = id;
      await this.#finish(client, one, id);
      if (count % 4 === 0) await this.#look(one, id);
    }
  }

  async #begin(client: Client, { attempt, tool }: Attempt): Promise<string | undefined> {
    try {
      return (await client.startTool(tool, { attempt, ms: WORK_MS })).id;
    } catch {
      // The server was killed before it answered. Whether there is a task nobody can tell; its effect is counted all the same.
      await pause(20);
      return undefined;
    }
  }

  /** The result, however often the way to it breaks; and the same once more. */
  async #finish(client: Client, one: Attempt, id: string): Promise<void> {
    const text = await this.#resultOf(client, one, id);
    if (text === undefined) return;
    one.text = text;
    const wanted = `${one.principal} ${one.attempt} 1${one.tool === "ask" ? ` ${one.principal}` : ""}`;
    if (!text.startsWith(`${one.principal} `)) this.#count("foreign", `${one.attempt}: ${text}`);
    else if (text !== wanted) this.#count("lost", `${one.attempt}: ${text} instead of ${wanted}`);
    const again = await this.#resultOf(client, one, id);
    if (again !== undefined && again !== text) this.#count("repeated", `${one.attempt}: ${text}, then ${again}`);
  }

  async #resultOf(client: Client, { attempt }: Attempt, id: string): Promise<string | undefined> {
    const giveUpAt = Math.max(Date.now(), this.#until) + PATIENCE_MS;
    let last: unknown;
    while (Date.now() < giveUpAt) {
      try {
        const { content } = await (await client.task(id)).result();
        const [first] = content;
        return first?.type === "text" ? first.text : JSON.stringify(content);
      } catch (error) {
        last = error;
        // An answer of the server is final; that the way broke is not.
        if (error instanceof RpcError) break;
        await pause(20);
      }
    }
    this.#count("lost", `${attempt}: ${String(last)}`);
    return undefined;
  }

  /** Another principal asks for it, and must learn nothing. */
  async #look({ principal, attempt }: Attempt, id: string): Promise<void> {
    const other = PRINCIPALS[(PRINCIPALS.indexOf(principal as "ada") + 1) % PRINCIPALS.length] as string;
    try {
      const seen = await (await (this.#clients.get(other) as Client).task(id)).result();
      this.#count("foreign", `${other} got ${attempt}: ${JSON.stringify(seen)}`);
    } catch (error) {
      // The way may break; the task must not be found.
      if (error instanceof RpcError && error.rpcCode !== -32_602)
        this.#count("foreign", `${other} was told of ${attempt}: ${error.message}`);
    }
  }

  #count(what: "lost" | "repeated" | "foreign", fault: string): void {
    if (what === "lost") this.#lost++;
    else if (what === "repeated") this.#repeated++;
    else this.#foreign++;
    if (this.#faults.length < MAX_FAULTS) this.#faults.push(fault);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(ms, 0)));
}
