/** Icons that strangers name: only pictures, only from where their server is, and only by what they are. */

import { expect, test } from "vitest";
import { fetchIcon } from "../../runtime/outbound/icon.js";
import { verifies } from "../verifies.js";
import { certificate, serve } from "./scene.js";

const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);
const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]);
const webp = Buffer.from("RIFF\x10\x00\x00\x00WEBPVP8 ", "latin1");
const svg = Buffer.from(
  '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
);
const data = (bytes: Uint8Array, type = "image/png"): string =>
  `data:${type};base64,${Buffer.from(bytes).toString("base64")}`;

const refused = expect.objectContaining({ name: "McpWireError", code: "ICON_REFUSED" });

test(`pictures in data URLs are told by their content${verifies("ICON-02", "ICON-03")}`, async () => {
  const types = ["image/svg+xml"] as const;
  expect(await fetchIcon(data(png))).toEqual({ type: "image/png", bytes: new Uint8Array(png) });
  expect((await fetchIcon(data(jpeg))).type).toBe("image/jpeg");
  expect((await fetchIcon(data(webp))).type).toBe("image/webp");
  expect((await fetchIcon(data(svg), { types })).type).toBe("image/svg+xml");
});

test.each([
  ["SVG by default", data(svg, "image/svg+xml")],
  ["SVG under another name", data(svg)],
  ["HTML", data(Buffer.from("<html><svg >"))],
  ["nothing", data(Buffer.of())],
  ["another type", data(png, "text/html")],
  ["text", "data:image/svg+xml,<svg/>"],
  ["no base64", "data:image/png;base64,!!!"],
  ["too much", data(Buffer.concat([png, Buffer.alloc(300_000)]))],
])(`data URLs with %s are refused${verifies("ICON-05", "ICON-06")}`, async (_what, src) => {
  await expect(fetchIcon(src)).rejects.toEqual(refused);
});

test.each([
  "javascript:alert(1)",
  "file:///etc/passwd",
  "ftp://example.com/i.png",
  "ws://example.com/",
  "app://x",
  "http://example.com/i.png",
  "https://u:p@example.com/i.png",
])(`%s is no source${verifies("ICON-04")}`, async (src) => {
  await expect(fetchIcon(src, { server: "https://example.com/mcp" })).rejects.toMatchObject({ code: "URL_REFUSED" });
});

test(`icons come from the origin of their server, without credentials, and stay there${verifies("ICON-04", "ICON-05", "SEC-26")}`, async () => {
  const headers: string[] = [];
  const { port, seen } = await serve(
    (request, response) => {
      headers.push(...Object.keys(request.headers));
      if (request.url === "/away") response.writeHead(302, { Location: `https://two.localhost:${port}/i.png` }).end();
      else if (request.url === "/html") response.setHeader("Content-Type", "text/html").end(png);
      else if (request.url === "/lie") response.setHeader("Content-Type", "image/png").end(svg);
      else if (request.url === "/large")
        response.setHeader("Content-Type", "image/png").end(Buffer.concat([png, Buffer.alloc(300_000)]));
      else if (request.url === "/i.png") response.setHeader("Content-Type", "image/png").end(png);
      else response.writeHead(404).end();
    },
    { tls: true },
  );
  const home = `https://one.localhost:${port}`;
  const options = { server: `${home}/mcp`, fetch: { ca: certificate().cert } };
  expect((await fetchIcon(`${home}/i.png`, options)).bytes).toEqual(new Uint8Array(png));
  expect(headers).not.toContain("authorization");
  expect(headers).not.toContain("cookie");
  await expect(fetchIcon(`${home}/away`, options)).rejects.toMatchObject({ code: "URL_REFUSED" });
  await expect(fetchIcon(`${home}/html`, options)).rejects.toMatchObject({ code: "ANSWER_REFUSED" });
  await expect(fetchIcon(`${home}/large`, options)).rejects.toMatchObject({ code: "ANSWER_REFUSED" });
  await expect(fetchIcon(`${home}/lie`, options)).rejects.toEqual(refused);
  await expect(fetchIcon(`${home}/none`, options)).rejects.toEqual(refused);
  const before = seen.length;
  await expect(fetchIcon(`https://two.localhost:${port}/i.png`, options)).rejects.toEqual(refused);
  await expect(fetchIcon("https://example.com/i.png", { fetch: options.fetch })).rejects.toEqual(refused);
  expect(seen.length).toBe(before);
});
