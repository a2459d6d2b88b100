/**
 * The neutral model: what handlers and clients are typed by, whatever revision is spoken. Of each definition it has the union
 * of the properties over all revisions, the newest type of each, required only where every revision that has the definition
 * requires it.
 */

import type { Definition, Model, ObjectShape, Property, Shape } from "./model.js";
import { RENAMES } from "./overlay/traits.js";

/** @param models oldest first. @returns definitions in alphabetical order, under their newest names. */
export function neutralDefinitions(models: readonly Model[]): Definition[] {
  const versions = new Map<string, Definition[]>();
  for (const model of models) {
    for (const definition of Object.values(model.definitions)) {
      const name = newestName(definition.name, models);
      versions.set(name, [
        ...(versions.get(name) ?? []),
        { ...definition, name, shape: renamed(definition.shape, models) },
      ]);
    }
  }
  return [...versions].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, all]) => merge(all));
}

/** The later name of a definition, where a later revision has it under that name. */
function newestName(name: string, models: readonly Model[]): string {
  const later = RENAMES[name];
  return later !== undefined && models.some((model) => model.definitions[later] !== undefined) ? later : name;
}

function renamed(shape: Shape, models: readonly Model[]): Shape {
  switch (shape.kind) {
    case "ref":
      return { kind: "ref", name: newestName(shape.name, models) };
    case "array":
      return { ...shape, items: renamed(shape.items, models) };
    case "union":
    case "all":
      return { ...shape, members: shape.members.map((member) => renamed(member, models)) };
    case "object": {
      const entries = Object.entries(shape.properties).map(([key, property]) => [
        key,
        { ...property, shape: renamed(property.shape, models) },
      ]);
      return { ...shape, properties: Object.fromEntries(entries), values: renamed(shape.values, models) };
    }
    default:
      return shape;
  }
}

function merge(versions: readonly Definition[]): Definition {
  const newest = versions.at(-1) as Definition;
  const objects = versions.map((version) => version.shape).filter((shape) => shape.kind === "object");
  if (newest.shape.kind !== "object") return newest;
  return { ...newest, shape: mergeObjects(objects, versions.length) };
}

function mergeObjects(objects: readonly ObjectShape[], versions: number): ObjectShape {
  const keys = new Set(objects.flatMap((object) => Object.keys(object.properties)));
  const properties: Record<string, Property> = {};
  for (const key of [...keys].sort()) {
    const own = objects.flatMap((object) => object.properties[key] ?? []);
    const newest = own.at(-1) as Property;
    properties[key] = {
      shape: newest.shape,
      required: own.length === versions && own.every((property) => property.required),
    };
  }
  const newest = objects.at(-1) as ObjectShape;
  return { ...newest, properties };
}
