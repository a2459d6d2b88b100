/** The browser starts and reads a page; what is wrong with it shows here, and not in a test of something else. */

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { launchBrowser } from "./chromium.js";

test("a page of a local server is shown", async () => {
  const server = createServer((_, response) => {
    response.setHeader("content-type", "text/html");
    response.end("<title>Here</title><h1>A page</h1>");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    expect(await page.title()).toBe("Here");
    expect(await page.textContent("h1")).toBe("A page");
  } finally {
    await browser.close();
    server.close();
  }
});
