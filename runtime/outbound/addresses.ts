/**
 * Which addresses a request to a URL of a stranger may go to: those of the public internet, and nothing that only this machine or its
 * networks can reach (SEC-22). The ranges are those of IANA's registries of special-purpose addresses.
 */

import { BlockList, isIP } from "node:net";

/** `public`, or why an address is not. */
export type AddressKind = "public" | "loopback" | (typeof RANGES)[number][0] | "no address";

/** Kind → networks. The first kind that holds an address is the one that is told. */
const RANGES = [
  // These answer with credentials of the machine to whoever asks.
  ["metadata service", ["169.254.169.254/32", "168.63.129.16/32", "100.100.100.200/32", "192.0.0.192/32"]],
  ["metadata service", ["fd00:ec2::254/128", "fd20:ce::254/128"]],
  ["unspecified", ["0.0.0.0/8", "::/128"]],
  ["private", ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fec0::/10"]],
  ["carrier-grade NAT", ["100.64.0.0/10"]],
  ["link-local", ["169.254.0.0/16", "fe80::/10"]],
  ["multicast", ["224.0.0.0/4", "ff00::/8"]],
  ["reserved", ["192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24"]],
  ["reserved", ["203.0.113.0/24", "240.0.0.0/4", "2001::/23", "2001:db8::/32", "3fff::/20"]],
  // These carry an IPv4 address to whatever translates them.
  ["translated", ["2002::/16", "64:ff9b:1::/48"]],
] as const;

const lists = RANGES.map(([kind, networks]) => [kind, createNetworks(networks)] as const);
const loopback = createNetworks(["127.0.0.0/8", "::1/128"]);
const globalUnicast = createNetworks(["2000::/3"]);
/** The well-known prefix of NAT64, by which networks without IPv4 reach all of it: what counts is the address inside. */
const nat64 = createNetworks(["64:ff9b::/96"]);

/** A set of networks, each `address/bits`. Throws what `BlockList` throws where one is none. */
export function createNetworks(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = "", bits = ""] = network.split("/");
    list.addSubnet(address, /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN, familyOf(address));
  }
  return list;
}

/** Whether one of the networks holds an address; an IPv4 address in IPv6 form is no member of IPv4 networks. */
export function holds(networks: BlockList, address: string): boolean {
  return isIP(address) !== 0 && !isMapped(address) && networks.check(address, familyOf(address));
}

/** What kind of address this is. Whatever is no address in the usual form is `no address`, those with a zone included. */
export function addressKind(address: string): AddressKind {
  const version = isIP(address);
  if (version === 0 || address.includes("%")) return "no address";
  // A name that leads to such an address tries to get past checks: nobody needs it.
  if (isMapped(address)) return "translated";
  const family = familyOf(address);
  if (loopback.check(address, family)) return "loopback";
  if (nat64.check(address, family)) return addressKind(lastFour(address));
  for (const [kind, list] of lists) if (list.check(address, family)) return kind;
  // Of IPv6, one eighth is given out; the rest is reserved.
  return version === 4 || globalUnicast.check(address, family) ? "public" : "reserved";
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return address.includes(":") ? "ipv6" : "ipv4";
}

/** Whether an IPv6 address is an IPv4 one in disguise, `::ffff:0:0/96` or the older `::/96`. */
function isMapped(address: string): boolean {
  if (!address.includes(":")) return false;
  const groups = groupsOf(address);
  const embeds = groups.slice(0, 5).every((group) => group === 0) && (groups[5] === 0xffff || groups[5] === 0);
  // `::` and `::1` look like it and have meanings of their own.
  return embeds && (groups[5] === 0xffff || groups[6] !== 0 || (groups[7] ?? 0) > 1);
}

/** The last 32 bits of an IPv6 address, as IPv4. */
function lastFour(address: string): string {
  const [high = 0, low = 0] = groupsOf(address).slice(6);
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}

/** The eight groups of an address that `isIP` took: the URL parser writes it in the one canonical form. */
function groupsOf(address: string): number[] {
  const canonical = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const [head = "", tail] = canonical.split("::");
  const read = (text: string): number[] =>
    text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16));
  const [before, after] = [read(head), read(tail ?? "")];
  return [...before, ...new Array<number>(8 - before.length - after.length).fill(0), ...after];
}
