/** What the verification of tokens costs over HTTP: the same calls with and without authorization, by turns, keys and tokens known. */

import { generateKeyPairSync, sign } from "node:crypto";
import { ask, Connection, httpThroughput, openHttpSession, post, startHttpServer } from "./load/http.mjs";
import { echoCall } from "./load/messages.mjs";
import { byTurns, perRound } from "./load/rounds.mjs";
import { summary } from "./stats.mjs";

const FILE = "bench/servers/echo-auth.mjs";
const NONE = "none";
const HOW = ["opaque", "function", "jwt", "jwt-each"];
const LOAD = { connections: 16, requests: 6_000 };

const base64url = (value) => Buffer.from(value).toString("base64url");

/** A key set, and tokens of its issuer. */
function createTokens() {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const keys = { keys: [{ ...publicKey.export({ format: "jwk" }), kid: "k", alg: "ES256" }] };
  const head = { alg: "ES256", typ: "at+jwt", kid: "k" };
  const claims = { iss: "https://login.example", sub: "ada", client_id: "app", aud: "https://mcp.example/mcp" };
  const text = [head, { ...claims, scope: "echo mcp", exp: 4e9 }]
    .map((part) => base64url(JSON.stringify(part)))
    .join(".");
  const signature = sign("sha256", Buffer.from(text), { key: privateKey, dsaEncoding: "ieee-p1363" });
  return { KEYS: JSON.stringify(keys), jwt: `${text}.${base64url(signature)}`, opaque: base64url(Buffer.alloc(32, 7)) };
}

async function prepare(how, era, { KEYS, jwt, opaque }) {
  const server = await startHttpServer(FILE, { AUTH: how, KEYS, TOKEN: opaque });
  const { url, stop } = server;
  try {
    const token = how.startsWith("jwt") ? jwt : opaque;
    const own = how === NONE ? [] : [`Authorization: Bearer ${token}`];
    const lines = [...(await openHttpSession(url, era, undefined, own)), ...own];
    const headers = era === "stateless" ? [...lines, "Mcp-Name: echo"] : lines;
    const call = echoCall(era);
    const bytesOf = (id) => post(url, call(id), headers);
    const answer = await ask(url, bytesOf(1));
    if (!answer.includes("hello") || answer.includes('"error"')) throw new Error(`${how} answered ${answer}`);
    const bare =
      how === NONE
        ? undefined
        : await ask(
            url,
            post(
              url,
              call(2),
              headers.filter((line) => !own.includes(line)),
            ),
          );
    if (bare !== undefined && !bare.startsWith("HTTP/1.1 401")) throw new Error(`${how} let somebody in: ${bare}`);
    return { connections: Array.from({ length: LOAD.connections }, () => new Connection(url)), bytesOf, stop };
  } catch (error) {
    stop();
    throw error;
  }
}

/** Per era: requests a second, and how many times as fast the server without authorization is. */
export async function measureAuth({ blocks = 8 } = {}) {
  const tokens = createTokens();
  const figures = {};
  for (const era of ["stateful", "stateless"]) {
    const ready = new Map();
    try {
      for (const how of [NONE, ...HOW]) ready.set(how, await prepare(how, era, tokens));
      const subjects = [...ready].map(([how, one]) => [
        how,
        () => httpThroughput(one.connections, one.bytesOf, LOAD.requests),
      ]);
      const rates = await byTurns(Object.fromEntries(subjects), { warmup: 2, blocks });
      figures[era] = {
        requestsPerSecond: Object.fromEntries(Object.entries(rates).map(([how, sample]) => [how, summary(sample)])),
        times: Object.fromEntries(HOW.map((how) => [how, perRound(rates[NONE], rates[how])])),
      };
    } finally {
      for (const { connections, stop } of ready.values()) {
        for (const connection of connections) connection.close();
        stop();
      }
    }
  }
  return figures;
}
