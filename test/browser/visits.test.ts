/**
 * The example with pages, from end to end: a real third party, a real browser, a client and a server over HTTP, in both eras. What the
 * third party gives to the server never reaches the client, and a link is good for the person who was asked alone.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Client, connect } from "../../runtime/client/index.js";
import { createHttpChannel } from "../../runtime/protocol/http-client.js";
import { verifies } from "../verifies.js";
import { launchBrowser } from "./chromium.js";
import { type OidcServer, signIn, startOidc } from "./oidc.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** A native client may come back to any port of this machine (RFC 8252). */
const desk = {
  client_id: "desk",
  client_secret: "secret-of-desk",
  application_type: "native",
  redirect_uris: ["http://127.0.0.1/callback"],
  token_endpoint_auth_method: "client_secret_basic",
};

let oidc: OidcServer;
let browser: Browser;
const tokens: string[] = [];
beforeAll(async () => {
  oidc = await startOidc({ clients: [desk], people: { carol: "carol-password" } });
  oidc.provider.on("access_token.saved", (token) => tokens.push((token as { jti: string }).jti));
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await oidc?.close();
});

let served: ChildProcess;
let url: string;
const complaints: string[] = [];
const contexts: BrowserContext[] = [];
const clients: Client[] = [];
beforeEach(async () => {
  served = spawn(process.execPath, ["examples/visits/server.mjs", "0", oidc.issuer], { cwd: root });
  served.stderr?.on("data", (piece: Buffer) => complaints.push(piece.toString()));
  [url] = (await once(createInterface({ input: served.stdout as NodeJS.ReadableStream }), "line")) as [string];
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
  for (const context of contexts.splice(0)) await context.close();
  const ended = once(served, "exit");
  served.kill("SIGTERM");
  await ended;
  expect(complaints.splice(0)).toEqual([]);
});

/** A browser of somebody who is signed in at the pages of the server. */
async function browserOf(user: string): Promise<Page> {
  const context = await browser.newContext();
  contexts.push(context);
  const page = await context.newPage();
  await page.goto(new URL("/login", url).href);
  await page.getByLabel("Name").fill(user);
  await page.getByLabel("Password").fill(`password-of-${user}`);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("There is no such page").waitFor();
  return page;
}

/** A client of a user, with everything that passes between it and the server, as text. */
async function clientOf(
  user: string,
  revision: "2025-11-25" | "2026-07-28",
  elicitUrl: (address: string) => void,
): Promise<{ client: Client; wire(): Promise<string> }> {
  const passed: (string | Promise<string>)[] = [];
  const recorded: typeof fetch = async (input, init) => {
    const answer = await fetch(input, init);
    const headers = JSON.stringify([...answer.headers]);
    passed.push(String(input), JSON.stringify(init?.headers ?? {}), String(init?.body ?? ""), headers);
    // A stream that is cut off with the client has been read as far as it came.
    passed.push(readAll(answer.clone()));
    return answer;
  };
  const channel = createHttpChannel(url, { headers: { Authorization: `Bearer token-of-${user}` }, fetch: recorded });
  const client = await connect(channel, {
    revisions: [revision],
    elicitUrl({ url: address }) {
      elicitUrl(address);
      return { action: "accept" };
    },
  });
  clients.push(client);
  return {
    client,
    async wire() {
      await client.close();
      return (await Promise.all(passed)).join("\n");
    },
  };
}

async function readAll(answer: Response): Promise<string> {
  let text = "";
  if (answer.body === null) return text;
  const decoder = new TextDecoder();
  const reader = answer.body.getReader();
  for (;;) {
    const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }));
    if (done || value === undefined) return text;
    text += decoder.decode(value, { stream: true });
  }
}

const textOf = ({ content }: { content: readonly unknown[] }): string => (content[0] as { text: string }).text;

describe.each(["2025-11-25", "2026-07-28"] as const)("%s", (revision) => {
  test(`the person signs in at a third party, whose token the client never sees${verifies("ELIC-63", "ELIC-67", "ELIC-69", "ELIC-70", "ELIC-54")}`, async () => {
    const ada = await browserOf("ada");
    const addresses: string[] = [];
    let walk: Promise<void> | undefined;
    const { client, wire } = await clientOf("ada", revision, (address) => {
      addresses.push(address);
      walk = (async () => {
        await ada.goto(address);
        await signIn(ada, "carol");
        await ada.getByRole("heading", { name: "Connected" }).waitFor();
      })();
    });
    const before = tokens.length;
    expect(textOf(await client.callTool("calendar"))).toBe("ada has connected the calendar of carol.");
    await walk;
    // It is kept by user: another client of the same one needs no page.
    const other = await clientOf("ada", revision, () => expect.unreachable());
    expect(textOf(await other.client.callTool("calendar"))).toBe("ada has connected the calendar of carol.");
    expect(addresses).toHaveLength(1);
    expect(tokens).toHaveLength(before + 1);
    const all = (await wire()) + (await other.wire());
    expect(all).toContain("ada has connected");
    expect(all).toContain(JSON.stringify(addresses[0]).slice(1, -1));
    const codes = oidc.requests.filter(({ path }) => path === "/token");
    expect(codes.length).toBeGreaterThan(0);
    for (const secret of [...tokens, desk.client_secret, "carol-password", "password-of-ada"])
      expect(all).not.toContain(secret);
    // The third party never sees the client's token either.
    expect(JSON.stringify(oidc.requests.map(({ headers }) => headers))).not.toContain("token-of-ada");
  });

  test(`a link that was made for somebody else is refused${verifies("ELIC-66", "ELIC-67", "ELIC-68")}`, async () => {
    const [ada, bob] = [await browserOf("ada"), await browserOf("bob")];
    let address = "";
    const { client } = await clientOf("bob", revision, (given) => {
      address = given;
    });
    const controller = new AbortController();
    const call = client.callTool("calendar", {}, { signal: controller.signal }).catch((error: unknown) => error);
    await expect.poll(() => address, { timeout: 30_000 }).not.toBe("");
    // Bob sends his own link to Ada, who is signed in: she is told, and nothing is connected to Bob.
    const before = tokens.length;
    const answer = await ada.goto(address);
    expect(answer?.status()).toBe(403);
    expect(await ada.textContent("h1")).toBe("This link is not for you");
    expect(new URL(ada.url()).origin).toBe(new URL(url).origin);
    // With the id changed it is nobody's.
    const edited = new URL(address);
    edited.searchParams.set(
      "e",
      edited.searchParams.get("e")?.replace(/^./, (first) => (first === "A" ? "B" : "A")) ?? "",
    );
    expect((await bob.goto(edited.href))?.status()).toBe(403);
    // Who is not signed in has to say who they are first.
    const stranger = await (await browser.newContext()).newPage();
    contexts.push(stranger.context());
    await stranger.goto(address);
    expect(await stranger.textContent("h1")).toBe("Sign in to Desk");
    expect(tokens).toHaveLength(before);
    controller.abort();
    expect(await call).toMatchObject({ code: "CANCELLED" });
  });

  test(`who comes back has to be who left${verifies("ELIC-67")}`, async () => {
    const [ada, bob] = [await browserOf("ada"), await browserOf("bob")];
    let address = "";
    const { client } = await clientOf("bob", revision, (given) => {
      address = given;
    });
    const controller = new AbortController();
    const call = client.callTool("calendar", {}, { signal: controller.signal }).catch((error: unknown) => error);
    await expect.poll(() => address, { timeout: 30_000 }).not.toBe("");
    const before = tokens.length;
    // Bob stops on the way, and lets Ada finish.
    await bob.goto(address);
    const state = oidc.requests.findLast(({ path }) => path === "/auth")?.query.get("state") ?? "";
    expect(state).not.toBe("");
    const back = await ada.goto(`${new URL("/callback", url)}?${new URLSearchParams({ code: "stolen", state })}`);
    expect(back?.status()).toBe(403);
    expect(tokens).toHaveLength(before);
    controller.abort();
    await call;
    await expect.poll(() => complaints.join("")).toBe("Nobody left for there from this browser.\n");
    complaints.length = 0;
  });

  test(`a payment is made on a page, and the card stays there${verifies("ELIC-62", "ELIC-63", "ELIC-66")}`, async () => {
    const ada = await browserOf("ada");
    const card = "4111 1111 1111 1111";
    let visits = 0;
    let walk: Promise<void> | undefined;
    const { client, wire } = await clientOf("ada", revision, (address) => {
      visits++;
      walk = (async () => {
        await ada.goto(address);
        expect(await ada.textContent("h1")).toBe("Pay 30 € for a lamp");
        await ada.getByLabel("Card").fill(card);
        await ada.getByRole("button", { name: "Pay" }).click();
        await ada.getByRole("heading", { name: "Paid" }).waitFor();
      })();
    });
    expect(textOf(await client.callTool("buy", { item: "lamp" }))).toBe("The lamp is on its way.");
    await walk;
    // One payment buys one.
    expect(textOf(await client.callTool("buy", { item: "lamp" }))).toBe("The lamp is on its way.");
    await walk;
    expect(visits).toBe(2);
    const all = await wire();
    expect(all).toContain("The lamp is on its way.");
    expect(all).not.toContain("4111");
  });
});
