/** The oracle of the guards: Ajv, which shares nothing with them but the schema. */

import { Ajv2020, type ErrorObject } from "ajv/dist/2020.js";
import type { AnyValidateFunction } from "ajv/dist/types/index.js";
import { pointerTo } from "../../codegen/errors.js";
import type { JsonObject } from "../../codegen/json.js";

export interface Oracle {
  /** Undefined where Ajv itself gives up on the value: it recurses, so very deep values exhaust its stack. */
  readonly accepts: (definition: string, value: unknown) => boolean | undefined;
  /** What Ajv finds wrong; with `allErrors`, everything. */
  readonly errors: (definition: string, value: unknown) => readonly ErrorObject[];
}

/**
 * Compiles every definition of a schema once. Formats are annotations (TRAP-37), and NaN and the infinities are no numbers,
 * which Ajv must be told where it is not strict.
 */
export function createOracle(schema: JsonObject, options: { readonly allErrors?: boolean } = {}): Oracle {
  const ajv = new Ajv2020({ strict: false, strictNumbers: true, validateFormats: false, ...options });
  ajv.addSchema(schema, "schema");
  const compiled = new Map<string, AnyValidateFunction>();
  const compile = (definition: string): AnyValidateFunction => {
    const known = compiled.get(definition);
    if (known !== undefined) return known;
    const validate = ajv.getSchema(`schema#${pointerTo("/$defs", definition)}`);
    if (validate === undefined) throw new Error(`the schema has no definition ${definition}`);
    compiled.set(definition, validate);
    return validate;
  };
  return {
    accepts: (definition, value) => {
      const validate = compile(definition);
      try {
        return validate(value) as boolean;
      } catch (error) {
        if (error instanceof RangeError) return undefined;
        throw error;
      }
    },
    errors: (definition, value) => {
      const validate = compile(definition);
      validate(value);
      return validate.errors ?? [];
    },
  };
}
