/** The server with pages and its client at the terminal, as they are: a payment made by a browser that knows cookies and no more. */

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connect } from "../../runtime/client/connect.js";
import { verifies } from "../verifies.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
let served: ChildProcess;
let url: string;
beforeAll(async () => {
  served = spawn(process.execPath, ["examples/visits/server.mjs"], { cwd: root });
  [url] = (await once(createInterface({ input: served.stdout as NodeJS.ReadableStream }), "line")) as [string];
});
afterAll(() => void served.kill("SIGKILL"));

/** Posts a form as a page of the server does. */
function post(address: string, form: Record<string, string>, cookie = ""): Promise<Response> {
  const { origin } = new URL(url);
  const headers = { Origin: origin, Cookie: cookie };
  return fetch(address, { method: "POST", body: new URLSearchParams(form), headers, redirect: "manual" });
}

async function cookieOf(name: string): Promise<string> {
  const answer = await post(new URL("/login?next=//evil.example/", url).href, {
    name,
    password: `password-of-${name}`,
  });
  // Nobody is led away by the page that was wanted.
  expect(answer.headers.get("location")).toBe(new URL(url).origin);
  const [cookie = ""] = answer.headers.getSetCookie();
  expect(cookie).toMatch(/; HttpOnly; SameSite=Lax/);
  return cookie.replace(/;.*/, "");
}

test.each(["2025-11-25", "2026-07-28"] as const)(
  `in %s a payment is made by who was asked, from the server's own page${verifies("ELIC-66", "ELIC-67", "ELIC-62")}`,
  async (revision) => {
    const [ada, bob] = [await cookieOf("ada"), await cookieOf("bob")];
    const client = await connect(
      { url, headers: { Authorization: "Bearer token-of-ada" } },
      {
        revisions: [revision],
        async elicitUrl({ url: page }) {
          expect(page).not.toMatch(/ada|token/);
          const card = { card: "4111 1111 1111 1111" };
          expect((await post(page, card)).headers.get("location")).toContain("/login?next=");
          expect((await post(page, card, bob)).status).toBe(403);
          expect((await post(page.replace("lamp", "chair"), card, ada)).status).toBe(403);
          const strange = { method: "POST", body: new URLSearchParams(card), headers: { Cookie: ada } };
          expect((await fetch(page, strange)).status).toBe(403);
          expect((await post(page, { card: "none" }, ada)).status).toBe(400);
          expect((await post(page, card, ada)).status).toBe(200);
          return { action: "accept" };
        },
      },
    );
    const { content } = await client.callTool("buy", { item: "lamp" });
    expect(content).toEqual([{ type: "text", text: "The lamp is on its way." }]);
    await client.close();
  },
);

test(`the client without a terminal opens nothing${verifies("ELIC-52", "ELIC-48")}`, async () => {
  const script = "examples/visits/client.mjs";
  const run = promisify(execFile)(process.execPath, [script, url, "bob", "buy", '{"item":"chair"}'], { cwd: root });
  const { stdout } = await run;
  expect(stdout).toBe("The person closed the question without opening the page. Ask again, or go on without it.\n");
});
