/**
 * What authorization reads of strangers: the challenges of a refusal, and the documents that lead to its servers. What was written by the
 * rules is read as it was meant; the rest is refused by the errors of the family, or passed over.
 */

import fc from "fast-check";
import { parseChallenges, readDemand } from "../../../runtime/auth/challenge.js";
import { checkClientDocument } from "../../../runtime/auth/client-document.js";
import { parseObject } from "../../../runtime/auth/outbound.js";
import {
  coversResource,
  readResourceMetadata,
  resourceMetadataUrls,
} from "../../../runtime/auth/protected-resource.js";
import { checkIssuer, serverMetadataUrls } from "../../../runtime/auth/server-metadata.js";
import { McpWireError } from "../../../runtime/errors.js";
import { json, odd } from "../bytes.js";
import { isUnpolluted } from "../messages.js";
import { defineTarget, holds, same, type Target } from "../target.js";

interface Input {
  readonly given: readonly {
    readonly scheme: string;
    readonly params: readonly (readonly [string, string, boolean])[];
  }[];
  readonly header: string;
  readonly times: number;
  readonly document: unknown;
  readonly url: string;
}

const token = fc.oneof(
  fc.constantFrom("Bearer", "DPoP", "Basic", "realm", "scope", "error", "resource_metadata", "__proto__"),
  fc.stringMatching(/^[a-z!#$%&'*+.^_`|~0-9-]{1,6}$/),
);
const piece = fc.constantFrom(
  "Bearer",
  " ",
  ",",
  "=",
  '"',
  "\\",
  "realm",
  "a",
  "==",
  "/",
  "\t",
  "\u00e9",
  "resource_metadata=",
  '"https://a.example/x"',
  "Basic QQ==",
);
const host = fc.constantFrom(
  "https://a.example",
  "http://127.0.0.1:1",
  "https://a.example:8443/x/y?z#f",
  "https://user:p@a.example",
  "javascript:alert(1)",
  "file:///etc/passwd",
  "https://169.254.169.254/",
  "//a",
  "",
);
const address = fc.oneof(host, odd, json);

export const challenges: Target = defineTarget<Input>({
  name: "challenges",
  inputs: fc.record({
    given: fc.array(
      fc.record({
        scheme: token,
        params: fc.uniqueArray(fc.tuple(token, fc.string({ maxLength: 6 }), fc.boolean()), {
          maxLength: 3,
          selector: ([key]) => key.toLowerCase(),
        }),
      }),
      { maxLength: 3 },
    ),
    header: fc.oneof(
      fc.array(piece, { maxLength: 12 }).map((parts) => parts.join("")),
      odd,
    ),
    times: fc.oneof({ weight: 10, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.nat(4_000) }),
    document: fc.oneof(
      fc.record(
        {
          resource: address,
          issuer: address,
          authorization_servers: fc.oneof(fc.array(address, { maxLength: 3 }), json),
          scopes_supported: fc.oneof(fc.array(odd, { maxLength: 2 }), json),
          client_id: address,
          client_name: json,
          redirect_uris: fc.oneof(fc.array(address, { maxLength: 2 }), json),
          token_endpoint: address,
          authorization_endpoint: address,
          token_endpoint_auth_method: fc.oneof(fc.constantFrom("none", "private_key_jwt", "client_secret_basic"), json),
        },
        { requiredKeys: [] },
      ),
      json,
    ),
    url: fc.webUrl({ withQueryParameters: true, withFragments: true }),
  }),
  corpus: [
    // What an issuer can be called, so that its documents seem to be somewhere else.
    { given: [], header: "", times: 1, document: {}, url: "https://a.example//evil.example/x" },
    { given: [], header: 'Bearer a="', times: 1, document: {}, url: "https://a.example/mcp" },
    { given: [], header: 'Bearer a="\\', times: 1, document: {}, url: "https://a.example/mcp" },
    { given: [], header: "a=", times: 4_000, document: {}, url: "https://a.example/mcp" },
    { given: [], header: `Bearer ${"A".repeat(16_000)}!`, times: 1, document: [], url: "https://a.example/mcp" },
    { given: [], header: `Bearer a="${"\\\\".repeat(8_000)}`, times: 1, document: null, url: "https://a.example/mcp" },
    {
      given: [],
      header: ", \t".repeat(5_000),
      times: 1,
      document: JSON.parse('{"__proto__":{"resource":"https://a.example"}}'),
      url: "https://a.example/mcp",
    },
  ],
  run({ given, header, times, document, url }) {
    roundTrip(given);
    const long = header.repeat(times);
    const found = parseChallenges(long);
    for (const { scheme, params } of found)
      holds(
        /^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(scheme) && params instanceof Map,
        `The scheme ${JSON.stringify(scheme)}`,
      );
    // Headers that the platform refuses cannot come.
    if (/^[\t\x20-\x7e\x80-\xff]*$/.test(long)) readDemand(new Headers({ "www-authenticate": long }), times % 2 === 0);
    const server = new URL(url);
    const object = typeof document === "object" && document !== null && !Array.isArray(document);
    const parsed = parseObject(JSON.stringify(document) ?? "");
    same(parsed !== undefined, object, "Whether a document is an object");
    if (parsed === undefined) return;
    attempt(() => {
      const { resource, authorizationServers } = readResourceMetadata(parsed, server);
      holds(
        coversResource(resource, server) && new URL(resource).origin === server.origin,
        `${resource} stands for ${url}`,
      );
      holds(
        authorizationServers.length > 0 && authorizationServers.every((one) => typeof one === "string"),
        "No servers",
      );
    });
    attempt(() => checkIssuer(parsed, [server.href], "exact"));
    for (const made of [...resourceMetadataUrls(server), ...serverMetadataUrls(server)])
      same(made.origin, server.origin, "The origin of a well-known address");
    holds(
      checkClientDocument(document, url).every((one) => typeof one === "string"),
      "A problem is no text",
    );
    holds(isUnpolluted(), "A document changed what all objects have");
  },
});

/** Challenges written as they should be. */
function roundTrip(given: Input["given"]): void {
  const written = given
    .map(({ scheme, params }) => {
      const rows = params.map(([key, value, quoted]) =>
        quoted || !/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(value)
          ? `${key}="${value.replace(/["\\]/g, "\\$&")}"`
          : `${key}=${value}`,
      );
      return rows.length === 0 ? scheme : `${scheme} ${rows.join(", ")}`;
    })
    .join(", ");
  const found = parseChallenges(written).map(({ scheme, params }) => [scheme, [...params]]);
  const expected = given.map(({ scheme, params }) => [
    scheme.toLowerCase(),
    params.map(([key, value]) => [key.toLowerCase(), value]),
  ]);
  same(found, expected, `What was written as ${written}`);
}

function attempt(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof McpWireError)) throw error;
  }
}
