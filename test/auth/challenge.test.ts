/** Challenges in every form that RFC 9110 allows, and in some that it does not. */

import { expect, test } from "vitest";
import { parseChallenges, readDemand } from "../../runtime/auth/challenge.js";
import { verifies } from "../verifies.js";

const plain = (header: string): unknown =>
  parseChallenges(header).map(({ scheme, params }) => [scheme, Object.fromEntries(params)]);

test.each([
  ["nothing", "", []],
  ["a scheme alone", "Bearer", [["bearer", {}]]],
  ["a parameter", 'Bearer realm="x"', [["bearer", { realm: "x" }]]],
  ["blanks around", 'Bearer  a = "1" ,  B=2', [["bearer", { a: "1", b: "2" }]]],
  ["names in any case", 'bEaReR Resource_Metadata="https://h/x"', [["bearer", { resource_metadata: "https://h/x" }]]],
  ["commas and escapes in quotes", 'Bearer a="x, y=\\"z\\"", b="\\\\"', [["bearer", { a: 'x, y="z"', b: "\\" }]]],
  [
    "several challenges",
    'Basic realm="r", Bearer scope="a b", error=invalid_token, DPoP algs="ES256"',
    [
      ["basic", { realm: "r" }],
      ["bearer", { scope: "a b", error: "invalid_token" }],
      ["dpop", { algs: "ES256" }],
    ],
  ],
  [
    "schemes without parameters between others",
    "Negotiate, Bearer scope=a, NTLM",
    [
      ["negotiate", {}],
      ["bearer", { scope: "a" }],
      ["ntlm", {}],
    ],
  ],
  [
    "credentials that are no parameters",
    "Negotiate YWJj==, Basic YWJj, Bearer a=1",
    [
      ["negotiate", {}],
      ["basic", {}],
      ["bearer", { a: "1" }],
    ],
  ],
  ["a name twice, of which the first counts", "Bearer a=1, a=2", [["bearer", { a: "1" }]]],
  ["empty parts", ', ,Bearer a=1,, b="2",', [["bearer", { a: "1", b: "2" }]]],
  [
    "a string without an end",
    'Bearer a=1, b="x',
    [
      ["bearer", { a: "1" }],
      ["b", {}],
    ],
  ],
  ["a value without a name", 'Bearer ="x", a=1', []],
  ["a parameter without a scheme", "a=1, Bearer b=2", []],
])(`reads %s${verifies("AUTH-21", "AUTH-22")}`, (_what, header, expected) => {
  expect(plain(header)).toEqual(expected);
});

test(`several headers are one list, and the challenge that can be met is chosen${verifies("AUTH-21", "AUTH-22")}`, () => {
  const headers = new Headers({ "www-authenticate": 'Basic realm="r"' });
  headers.append("www-authenticate", 'DPoP algs="ES256", error="use_dpop_nonce"');
  headers.append("www-authenticate", 'Bearer scope="a  b a", resource_metadata="https://h/m"');
  expect(readDemand(headers)).toEqual({
    scheme: "bearer",
    error: undefined,
    scopes: ["a", "b"],
    resourceMetadata: "https://h/m",
  });
  // What is needed is said once, with whichever challenge.
  expect(readDemand(headers, true)).toEqual({
    scheme: "dpop",
    error: "use_dpop_nonce",
    scopes: ["a", "b"],
    resourceMetadata: "https://h/m",
  });
  const both = new Headers({ "www-authenticate": 'Bearer error="insufficient_scope", scope="a", DPoP algs="ES256"' });
  expect(readDemand(both, true)).toMatchObject({ scheme: "dpop", error: "insufficient_scope", scopes: ["a"] });
  const proxied = new Headers({ "www-authenticate": 'Bearer realm="proxy", Bearer resource_metadata="https://h/m"' });
  expect(readDemand(proxied).resourceMetadata).toBe("https://h/m");
  expect(readDemand(new Headers())).toEqual({
    scheme: undefined,
    error: undefined,
    scopes: undefined,
    resourceMetadata: undefined,
  });
});

test("hostile headers cost neither time nor memory", () => {
  const began = performance.now();
  for (const header of [
    'Bearer a="'.padEnd(16_000, "\\"),
    `Bearer ${"a=1,".repeat(4_000)}`,
    "x ".repeat(8_000),
    "=".repeat(16_000),
    `Bearer a="${"\\a".repeat(8_000)}`,
  ])
    parseChallenges(header);
  expect(parseChallenges(`Bearer a="${"x".repeat(100_000)}"`)).toEqual([]);
  expect(performance.now() - began).toBeLessThan(20_000);
});
