/** The document that tells clients where to get tokens for this server, and its place. RFC 9728; requirements AUTH-16 to AUTH-18, AUTH-23, AUTH-91, AUTH-101. */

import type { ResourceAnswer, ResourceRequest } from "./contract.js";

/** What is said of a resource server. Further members of the standard may be among them. */
export interface ResourceMetadata {
  readonly resource: string;
  readonly authorization_servers: readonly string[];
  readonly scopes_supported?: readonly string[];
  readonly bearer_methods_supported: readonly string[];
  readonly [member: string]: unknown;
}

const WELL_KNOWN = "/.well-known/oauth-protected-resource";

/** The path of the document of a resource: that of the resource follows the well-known one. */
export function metadataPath({ pathname }: URL): string {
  return pathname === "/" ? WELL_KNOWN : WELL_KNOWN + pathname;
}

/** Answers a request for a public document; pages of every origin may read it. */
export function publishDocument(request: ResourceRequest, document: () => object): ResourceAnswer {
  const headers = { "Access-Control-Allow-Origin": "*" };
  switch (request.method) {
    case "GET":
    case "HEAD":
      return {
        status: 200,
        headers: { ...headers, "Content-Type": "application/json", "Cache-Control": "public, max-age=300" },
        body: request.method === "HEAD" ? "" : JSON.stringify(document()),
      };
    case "OPTIONS":
      return {
        status: 204,
        headers: {
          ...headers,
          "Access-Control-Allow-Methods": "GET, HEAD",
          "Access-Control-Allow-Headers": "MCP-Protocol-Version, Accept, *",
          "Access-Control-Max-Age": "7200",
        },
        body: "",
      };
    default:
      return { status: 405, headers: { ...headers, Allow: "GET, HEAD, OPTIONS" }, body: "" };
  }
}
