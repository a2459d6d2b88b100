/** The table that is tried: every peer in every role that it has, on every transport and at every revision that it speaks. */

import { revisions, tables } from "../../generated/revisions.js";
import type { Opening } from "./drivers/driver.js";
import { everything, fastmcpSubject, type Scene, subject } from "./scene.js";

export type Transport = "stdio" | "http" | "sse";
export type Role = "client" | "server";

/** A pair that is tried. */
export interface Row {
  readonly client: string;
  readonly server: string;
  readonly peer: string;
  /** The role of the peer. */
  readonly role: Role;
  readonly transport: Transport;
  /** The revision that they have to agree on. */
  readonly revision: string;
  /** Whether this package's side offers that revision alone. Otherwise it offers all, and the newest in common has to be found. */
  readonly alone: boolean;
  readonly opening: Opening;
  readonly scene: Scene;
}

interface Peer {
  readonly name: string;
  readonly role: Role;
  readonly opening: Opening;
  readonly scene: Scene;
  /** The revisions that it speaks on each transport, oldest first. */
  readonly speaks: Partial<Readonly<Record<Transport, readonly string[]>>>;
}

const STATEFUL = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"];
const STREAMABLE = STATEFUL.slice(1);
/** The newest of the older era. */
const NEWEST = ["2025-11-25"];
const STATELESS = ["2026-07-28"];

/** Without 2024-11-05 its transport is not offered; with it, the handshake over it may agree on a newer revision all the same. */
const OVER_SSE = ["2024-11-05"];

export const peers: readonly Peer[] = [
  {
    name: "official v1",
    role: "client",
    opening: "handshake",
    scene: subject,
    speaks: { stdio: STATEFUL, http: STREAMABLE, sse: OVER_SSE },
  },
  {
    name: "official v1",
    role: "server",
    opening: "either",
    scene: subject,
    speaks: { stdio: STATEFUL, http: STREAMABLE, sse: OVER_SSE },
  },
  {
    name: "official v2",
    role: "client",
    opening: "handshake",
    scene: subject,
    speaks: { stdio: STATEFUL, http: STREAMABLE, sse: OVER_SSE },
  },
  {
    name: "official v2",
    role: "client",
    opening: "either",
    scene: subject,
    speaks: { stdio: [...NEWEST, ...STATELESS], http: [...NEWEST, ...STATELESS] },
  },
  {
    name: "official v2",
    role: "client",
    opening: "stateless",
    scene: subject,
    speaks: { stdio: STATELESS, http: STATELESS },
  },
  {
    name: "official v2",
    role: "server",
    opening: "either",
    scene: subject,
    speaks: { stdio: [...STATEFUL, ...STATELESS], http: [...STREAMABLE, ...STATELESS] },
  },
  {
    name: "fastmcp",
    role: "server",
    opening: "either",
    scene: fastmcpSubject,
    speaks: { stdio: STATEFUL, http: STREAMABLE, sse: OVER_SSE },
  },
  {
    name: "everything",
    role: "server",
    opening: "either",
    scene: everything,
    speaks: { stdio: STATEFUL, http: STREAMABLE, sse: OVER_SSE },
  },
];

/** The rows of one peer. */
export function rowsOf(name: string): Row[] {
  return peers.filter((peer) => peer.name === name).flatMap((peer) => rowsOfPeer(peer));
}

function rowsOfPeer({ name, role, opening, scene, speaks }: Peer): Row[] {
  const [client, server] = role === "client" ? [`${name} (${opening})`, "mcpwire"] : ["mcpwire", name];
  return Object.entries(speaks).flatMap(([transport, spoken]) => {
    const common = { client, server, peer: name, role, transport: transport as Transport, opening, scene };
    const rows = spoken.map((revision) => ({ ...common, revision, alone: true }));
    // The newest in common has to be found without help, too.
    const newest = transport === "sse" ? NEWEST : spoken.slice(-1);
    return [...newest.map((revision) => ({ ...common, revision, alone: false })), ...rows];
  });
}

/** Whether a revision has a method at all, in any direction. */
export function hasMethod(revision: string, method: string): boolean {
  const known = revisions.find((row) => row.revision === revision);
  return known !== undefined && Object.hasOwn(tables[known.revision].methods, method);
}
