/** The public entry `mcpwire/auth/resource`: what a server needs to take tokens over HTTP. */

export { callerOf } from "./caller.js";
export type {
  Caller,
  NamedScopes,
  ResourceAnswer,
  ResourceRequest,
  TokenClaims,
  TokenVerifier,
  VerifyToken,
} from "./contract.js";
export type { DpopOptions } from "./dpop.js";
export { createIntrospectionVerifier, type IntrospectionOptions } from "./introspection.js";
export { createJwtVerifier, type JwtIssuer, type JwtOptions } from "./jwt.js";
export type { ResourceMetadata } from "./metadata.js";
export type { ReplayStore } from "./replays.js";
export {
  createResourceServer,
  type NodeAnswer,
  type ResourceServer,
  type ResourceServerOptions,
} from "./resource-server.js";
