/** `revisions.ts`: the list of revisions as data, and the modules behind them. */

import { isDraft } from "../manifest.js";
import type { Model } from "../model.js";
import { indent, literal } from "./text.js";

/** The text of `generated/revisions.ts`, without the header. @param models oldest first. */
export function emitRevisions(models: readonly Model[]): string {
  const latest = models.findLast((model) => !isDraft(model.revision)) ?? models.at(-1);
  const rows = models.map((model) => {
    const status = isDraft(model.revision) ? "draft" : model === latest ? "current" : "final";
    const traits = Object.entries(model.traits).map(([trait, value]) => `${trait}: ${value}`);
    return `{\n  revision: ${literal(model.revision)},\n  era: ${literal(model.era)},\n  status: ${literal(status)},\n  traits: { ${traits.join(", ")} },\n},`;
  });
  const imports = models.map(
    ({ revision }, index) =>
      `import { isResult as isResult${index} } from "./${revision}/guards.js";\nimport { errors as errors${index}, type MethodName as Methods${index}, methods as methods${index} } from "./${revision}/methods.js";`,
  );
  const tables = models.map((model, index) => {
    const fields = [
      `methods: methods${index}`,
      `errors: errors${index}`,
      `isResult: isResult${index}`,
      `errorIdRequired: ${errorIdRequired(model)}`,
    ];
    return `${literal(model.revision)}: { ${fields.join(", ")} },`;
  });
  return `import type { RevisionTable } from "./method-table.js";
${imports.join("\n")}

/** Every revision, oldest first. \`status\` is the specification's word: \`final\`, \`current\` or \`draft\`. */
export const revisions = [
${indent(rows.join("\n"))}
] as const;

/** The name of a revision. */
export type Revision = (typeof revisions)[number]["revision"];

/** The current revision: the newest that is no draft. */
export const latest = ${literal(latest?.revision ?? "")};

/** What a check of messages needs to know of every revision. */
export const tables: Readonly<Record<Revision, RevisionTable>> = {
${indent(tables.join("\n"))}
};

/** Every method that any revision has. */
export type MethodName = ${models.map((_, index) => `Methods${index}`).join(" | ") || "never"};
`;
}

/** The error response was called JSONRPCError before 2025-11-25 (TRAP-31). */
function errorIdRequired(model: Model): boolean {
  const shape = (model.definitions.JSONRPCErrorResponse ?? model.definitions.JSONRPCError)?.shape;
  return shape?.kind === "object" && shape.properties.id?.required === true;
}
