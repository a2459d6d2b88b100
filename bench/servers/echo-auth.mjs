/**
 * The echo server of the benchmarks behind a resource server, on the built package. `AUTH` is how tokens are judged (`none`, `opaque`, `function`, `jwt`,
 * `jwt-each`), `KEYS` the key set of the issuer as JSON, `TOKEN` the opaque token.
 */

import { createJwtVerifier, createResourceServer } from "../../dist/runtime/auth/resource/index.js";
import { createServer } from "../../dist/runtime/server/index.js";

const { PORT = "0", AUTH = "none", KEYS = '{"keys":[]}', TOKEN = "" } = process.env;
const ISSUER = "https://login.example";
const RESOURCE = "https://mcp.example/mcp";

const opaque = (token) =>
  token === TOKEN
    ? { iss: ISSUER, sub: "ada", client_id: "app", aud: RESOURCE, scope: "echo mcp", exp: 4e9 }
    : undefined;
const signed = (cacheMs) => createJwtVerifier({ issuer: ISSUER, keys: JSON.parse(KEYS) }, { cacheMs });
const VERIFIERS = {
  // As introspection does it, without the authorization server: what counts here is the second time.
  opaque: () => ({ verify: opaque, cacheMs: 3_600_000 }),
  function: () => opaque,
  jwt: () => signed(3_600_000),
  "jwt-each": () => signed(0),
};

const server = createServer({ name: "echo", version: "1.0.0", ...(AUTH === "none" ? {} : { scopes: ["mcp"] }) });
const input = { type: "object", properties: { text: { type: "string" } }, required: ["text"] };
const scopes = AUTH === "none" ? {} : { scopes: ["echo"] };
server.tool("echo", { description: "Says it again.", input, ...scopes }, ({ text }) => text);
const guard = { resource: RESOURCE, authorizationServers: [ISSUER] };
const authenticate = AUTH === "none" ? undefined : createResourceServer({ ...guard, verify: VERIFIERS[AUTH]() });
const { url } = await server.serveHttp({ port: Number(PORT), ...(authenticate === undefined ? {} : { authenticate }) });
process.stderr.write(`READY ${url}\n`);
