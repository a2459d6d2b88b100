/** How the client signs in where the referee stands for the authorization server: its page sends the visitor back at once. */

import {
  type Authorization,
  type AuthorizeOptions,
  authorize,
  clientCredentials,
  enterpriseManaged,
  type Redirect,
  workloadIdentity,
} from "mcpwire/auth";

/** What the referee hands over for scenarios of authorization. */
export interface AuthorizationContext {
  readonly client_id?: string;
  readonly client_secret?: string;
  readonly private_key_pem?: string;
  readonly signing_algorithm?: string;
  readonly idp_client_id?: string;
  readonly idp_id_token?: string;
  readonly idp_issuer?: string;
  readonly idp_token_endpoint?: string;
  readonly valid_jwt?: string;
}

const redirect: Redirect = {
  redirectUri: "http://127.0.0.1:3000/callback",
  async open(url) {
    const { headers, status } = await fetch(url, { redirect: "manual" });
    const location = headers.get("location");
    if (location === null) throw new Error(`The sign-in page did not send anybody back (status ${status}).`);
    return location;
  },
};

/** The options that differ, by scenario. */
const SPECIAL: Readonly<Record<string, (context: AuthorizationContext) => AuthorizeOptions>> = {
  "auth/pre-registration": ({ client_id = "", client_secret = "" }) => ({
    redirect,
    client: { clientId: client_id, clientSecret: client_secret },
  }),
  "auth/client-credentials-basic": ({ client_id = "", client_secret = "" }) => ({
    grant: clientCredentials(),
    client: { clientId: client_id, clientSecret: client_secret },
  }),
  "auth/client-credentials-jwt": ({ client_id = "", private_key_pem = "", signing_algorithm = "" }) => ({
    grant: clientCredentials(),
    client: { clientId: client_id, privateKey: private_key_pem, algorithm: signing_algorithm },
  }),
  "auth/wif-jwt-bearer": ({ valid_jwt = "" }) => ({ grant: workloadIdentity({ assertion: () => valid_jwt }) }),
  "auth/enterprise-managed-authorization": (context) => ({
    client: { clientId: context.client_id ?? "", clientSecret: context.client_secret ?? "" },
    grant: enterpriseManaged({
      provider: {
        issuer: context.idp_issuer ?? "",
        tokenEndpoint: context.idp_token_endpoint ?? "",
        clientId: context.idp_client_id ?? "",
      },
      subject: () => context.idp_id_token ?? "",
    }),
  }),
};

export function createAuthorization(scenario: string, context: AuthorizationContext): Authorization {
  const special = SPECIAL[scenario]?.(context) ?? { redirect };
  return authorize({
    clientName: "mcpwire-conformance-client",
    clientMetadataUrl: "https://conformance-test.local/client-metadata.json",
    onstep: (at) => console.log(`authorization: ${at}`),
    ...special,
  });
}
