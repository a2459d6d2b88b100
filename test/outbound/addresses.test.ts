/** Which addresses are public, in every form that an address or a URL can be written in. */

import { describe, expect, test } from "vitest";
import { addressKind, createNetworks, holds } from "../../runtime/outbound/addresses.js";
import { isLoopbackHost, readOutboundUrl } from "../../runtime/outbound/url.js";
import { verifies } from "../verifies.js";

test.each([
  ["8.8.8.8", "public"],
  ["172.15.255.255", "public"],
  ["172.32.0.0", "public"],
  ["100.63.255.255", "public"],
  ["100.128.0.0", "public"],
  ["223.255.255.255", "public"],
  ["2606:4700:4700::1111", "public"],
  ["2001:4860:4860::8888", "public"],
  ["64:ff9b::808:808", "public"],
  ["10.0.0.1", "private"],
  ["10.255.255.255", "private"],
  ["172.16.0.1", "private"],
  ["172.31.255.255", "private"],
  ["192.168.1.1", "private"],
  ["fc00::1", "private"],
  ["fdff:ffff::1", "private"],
  ["fec0::1", "private"],
  ["127.0.0.1", "loopback"],
  ["127.255.255.254", "loopback"],
  ["::1", "loopback"],
  ["0:0:0:0:0:0:0:1", "loopback"],
  ["0.0.0.0", "unspecified"],
  ["0.1.2.3", "unspecified"],
  ["::", "unspecified"],
  ["169.254.1.1", "link-local"],
  ["fe80::1", "link-local"],
  ["febf::1", "link-local"],
  ["169.254.169.254", "metadata service"],
  ["fd00:ec2::254", "metadata service"],
  ["168.63.129.16", "metadata service"],
  ["100.100.100.200", "metadata service"],
  ["100.64.0.1", "carrier-grade NAT"],
  ["100.127.255.255", "carrier-grade NAT"],
  ["224.0.0.1", "multicast"],
  ["239.255.255.255", "multicast"],
  ["ff02::1", "multicast"],
  ["240.0.0.1", "reserved"],
  ["255.255.255.255", "reserved"],
  ["192.0.2.1", "reserved"],
  ["198.19.255.255", "reserved"],
  ["2001:db8::1", "reserved"],
  ["2001::1", "reserved"],
  ["4000::1", "reserved"],
  ["100::1", "reserved"],
  ["::ffff:127.0.0.1", "translated"],
  ["::ffff:8.8.8.8", "translated"],
  ["::FFFF:0a00:0001", "translated"],
  ["0:0:0:0:0:ffff:7f00:1", "translated"],
  ["::127.0.0.1", "translated"],
  ["::7f00:1", "translated"],
  ["2002:7f00:1::", "translated"],
  ["64:ff9b:1::1", "translated"],
  ["64:ff9b::127.0.0.1", "loopback"],
  ["64:ff9b::a9fe:a9fe", "metadata service"],
  ["64:ff9b::10.0.0.1", "private"],
  ["fe80::1%eth0", "no address"],
  ["localhost", "no address"],
  ["0177.0.0.1", "no address"],
  ["2130706433", "no address"],
  ["127.1", "no address"],
  ["", "no address"],
])(`%s is %s${verifies("SEC-22")}`, (address, kind) => {
  expect(addressKind(address)).toBe(kind);
});

test("networks of one's own hold what is in them and no disguised address", () => {
  const networks = createNetworks(["10.1.0.0/16", "fd12::/32"]);
  const held = ["10.1.2.3", "10.2.0.0", "fd12::1", "fd13::1", "::ffff:10.1.2.3", "nowhere"];
  expect(held.map((address) => holds(networks, address))).toEqual([true, false, true, false, false, false]);
  for (const wrong of ["10.1.0.0", "10.1.0.0/33", "10.1.0.0/x", "intranet/8", "/8", "::/129", "10.1.0.0/"])
    expect(() => createNetworks([wrong]), wrong).toThrow();
});

describe("the text of a URL", () => {
  test.each([
    "http://example.com/",
    "javascript:alert(1)",
    "data:text/plain,x",
    "file:///etc/passwd",
    "vbscript:x",
    "ftp://example.com/",
    "ws://example.com/",
    "blob:https://example.com/1",
    "view-source:https://example.com/",
    "https://user@example.com/",
    "https://user:pass@example.com/",
    "https://:pass@example.com/",
    "java\nscript:alert(1)",
    "https://exa\tmple.com/",
    " https://example.com/",
    "https://example.com/ ",
    "https:\\\\example.com\\",
    "https://example.com\\@evil.example/",
    "https://exam\u200bple.com/",
    "https://example.com/\u202egnp.exe",
    "https://example.com/\ud800",
    "//example.com/",
    "/path",
    "example.com",
    "https://",
    "https://exa mple.com/",
    "https://example.com:99999/",
    "https://[::1/",
    "https://256.256.256.256/",
    `https://example.com/${"a".repeat(8192)}`,
    "",
  ])(`%j is refused${verifies("SEC-21", "SEC-27", "SEC-30")}`, (text) => {
    expect(() => readOutboundUrl(text)).toThrow(expect.objectContaining({ code: "URL_REFUSED" }));
  });

  test(`http is for loopback hosts alone, and only where that is allowed${verifies("SEC-21", "SEC-27")}`, () => {
    for (const host of [
      "localhost",
      "LOCALHOST.",
      "a.localhost",
      "127.0.0.1",
      "127.9.8.7",
      "[::1]",
      "0x7f.1",
      "2130706433",
    ]) {
      expect(readOutboundUrl(`http://${host}:80/x`, { allowLoopback: true }).pathname, host).toBe("/x");
      expect(() => readOutboundUrl(`http://${host}/`), host).toThrow("http:");
    }
    for (const host of [
      "localhost.example.com",
      "notlocalhost",
      "127.0.0.1.example.com",
      "10.0.0.1",
      "[::2]",
      "0.0.0.0",
    ])
      expect(() => readOutboundUrl(`http://${host}/`, { allowLoopback: true }), host).toThrow("has the scheme http:");
    expect(isLoopbackHost("128.0.0.1")).toBe(false);
  });

  test("what is fine stays as it is", () => {
    expect(readOutboundUrl("https://example.com/a%20b?c=d#e").href).toBe("https://example.com/a%20b?c=d#e");
    expect(readOutboundUrl(new URL("https://bücher.example/")).hostname).toBe("xn--bcher-kva.example");
  });

  test("secrets in it are not told", () => {
    for (const text of [
      "https://u:hunter2@example.com/?k=hunter2",
      "ftp://example.com/?k=hunter2#hunter2",
      "hunter2 x",
    ])
      expect(() => readOutboundUrl(text)).toThrow(
        expect.objectContaining({ message: expect.not.stringContaining("hunter2") }),
      );
  });
});
