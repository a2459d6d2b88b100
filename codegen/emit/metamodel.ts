/** `metamodel.json`: the model as data, for generators in other languages. `metamodel.schema.json` describes it. */

import { printJson } from "../json.js";
import type { Definition, Model } from "../model.js";

/** The text of `metamodel.json`. */
export function emitMetamodel(model: Model, schema: string): string {
  const { definitions, ...facts } = model;
  return printJson({ $schema: schema, ...facts, definitions: Object.values(definitions).map(definitionFacts) });
}

function definitionFacts({ name, shape, synthesized, json, extension }: Definition): object {
  return {
    name,
    ...(synthesized ? { synthesized } : {}),
    ...(json ? { json } : {}),
    ...(extension === undefined ? {} : { extension }),
    shape,
  };
}
