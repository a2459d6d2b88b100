/** A load generator for HTTP that is cheaper than any server: ready bytes on bare sockets, and answers read as far as their end. */

import { spawn } from "node:child_process";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { ERAS } from "./messages.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const probe = new URL("memory-probe.mjs", import.meta.url).href;
const PATIENCE_MS = 60_000;
const HEAD_END = "\r\n\r\n";
const LAST_CHUNK = "\r\n0\r\n\r\n";

/** Starts a server on a free port and waits until it says where it is. It can be asked for the size of its heap. */
export async function startHttpServer(file, env = {}) {
  const options = { cwd: root, env: { ...process.env, PORT: "0", ...env }, stdio: ["ignore", "ignore", "pipe", "ipc"] };
  const child = spawn(process.execPath, ["--expose-gc", "--import", probe, file], options);
  let stderr = "";
  const url = await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${file} is not ready: ${stderr}`)), PATIENCE_MS);
    child.stderr.on("data", (text) => {
      stderr = (stderr + text).slice(-2_000);
      const ready = /READY (\S+)/.exec(stderr);
      if (ready === null) return;
      clearTimeout(timer);
      resolve(new URL(ready[1]));
    });
    child.once("exit", (code) => reject(new Error(`${file} ended with ${code}: ${stderr}`)));
  });
  const heap = () =>
    new Promise((resolve) => {
      child.once("message", resolve);
      child.send("heap");
    });
  return { file, url, heap, stop: () => child.kill("SIGKILL") };
}

/** The bytes of a POST; `headers` is a list of lines. */
export function post({ host, pathname }, body, headers = []) {
  const lines = [
    `POST ${pathname} HTTP/1.1`,
    `Host: ${host}`,
    "Content-Type: application/json",
    "Accept: application/json, text/event-stream",
    ...headers,
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  return `${lines.join("\r\n")}${HEAD_END}${body}`;
}

/** One kept-alive connection with one request on it at a time. */
export class Connection {
  #received = "";
  #bodyStart = -1;
  #length = -1;
  #done = undefined;
  #socket;
  #url;

  constructor(url) {
    this.#url = url;
    this.#socket = this.#connect();
  }

  /** Sends a request; `done` gets an error, or nothing and the whole answer as text. */
  request(bytes, done) {
    this.#done = done;
    // Servers close connections that were idle between two blocks.
    if (this.#socket.destroyed || !this.#socket.writable) this.#socket = this.#connect();
    this.#socket.write(bytes, "latin1");
  }

  close() {
    this.#done = undefined;
    this.#socket.destroy();
  }

  #connect() {
    const socket = connect(Number(this.#url.port), this.#url.hostname);
    socket.setNoDelay(true);
    socket.setEncoding("latin1");
    socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error("no answer")));
    socket.on("data", (text) => this.#take(text));
    socket.on("error", (error) => this.#fail(socket, error));
    socket.on("close", () => this.#fail(socket, new Error("the server closed the connection")));
    return socket;
  }

  #take(text) {
    this.#received = this.#received === "" ? text : this.#received + text;
    if (this.#bodyStart < 0) this.#readHead();
    if (this.#bodyStart < 0) return;
    const complete =
      this.#length >= 0 ? this.#received.length >= this.#bodyStart + this.#length : this.#received.endsWith(LAST_CHUNK);
    if (!complete) return;
    const answer = this.#received;
    const done = this.#done;
    this.#done = undefined;
    this.#received = "";
    this.#bodyStart = -1;
    // Servers tell connections that were idle for long why they close them.
    if (done === undefined) this.#socket.destroy();
    else done(undefined, answer);
  }

  #readHead() {
    const end = this.#received.indexOf(HEAD_END);
    if (end < 0) return;
    const head = this.#received.slice(0, end).toLowerCase();
    const place = head.indexOf("content-length: ");
    this.#length = place < 0 ? -1 : Number.parseInt(head.slice(place + 16), 10);
    if (this.#length < 0 && !head.includes("transfer-encoding: chunked")) this.#length = 0;
    this.#bodyStart = end + HEAD_END.length;
  }

  #fail(socket, error) {
    if (socket !== this.#socket) return;
    const done = this.#done;
    this.#done = undefined;
    done?.(error);
  }
}

/** One request on a connection of its own, or on one that is given. */
export async function ask(url, bytes, connection) {
  const used = connection ?? new Connection(url);
  try {
    return await new Promise((resolve, reject) => {
      used.request(bytes, (error, answer) => (error === undefined ? resolve(answer) : reject(error)));
    });
  } finally {
    if (connection === undefined) used.close();
  }
}

/** Opens a session where the era has one, and gives the header lines of its requests; `own` are lines that the opening needs. */
export async function openHttpSession(url, era, connection, own = []) {
  const { revision, initialize, initialized } = ERAS[era];
  const version = `MCP-Protocol-Version: ${revision}`;
  if (initialize === undefined) return [version, "Mcp-Method: tools/call"];
  const answer = await ask(url, post(url, initialize, own), connection);
  const session = /^mcp-session-id: (.+)\r$/im.exec(answer)?.[1];
  if (session === undefined) throw new Error(`no session was opened: ${answer}`);
  const lines = [version, `Mcp-Session-Id: ${session}`];
  await ask(url, post(url, initialized, [...lines, ...own]), connection);
  return lines;
}

/** Requests a second over some connections, each with one request in flight. `bytesOf` gives the request by its number. */
export async function httpThroughput(connections, bytesOf, requests) {
  let sent = 0;
  let received = 0;
  const start = process.hrtime.bigint();
  await new Promise((resolve, reject) => {
    for (const connection of connections) {
      const next = () => {
        if (sent === requests) return;
        connection.request(bytesOf(++sent), (error, answer) => {
          if (error !== undefined || !answer.startsWith("HTTP/1.1 200")) return reject(error ?? new Error(answer));
          if (++received === requests) resolve(undefined);
          else next();
        });
      };
      next();
    }
  });
  return requests / (Number(process.hrtime.bigint() - start) / 1e9);
}
