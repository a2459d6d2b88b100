/**
 * The neutral model: what handlers and clients are typed by, whatever revision is spoken. Of each definition it has the union
 * of the properties over all revisions, the newest type of each, required only where every revision that has the definition
 * requires it. A shape that earlier revisions wrote in place counts as an earlier version of the definition that took its
 * place, so that a value of any revision fits.
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
  const inPlace = inPlaceOf(versions);
  return [...versions]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, all]) => merge(all, inPlace.get(name) ?? [], versions));
}

type Versions = ReadonlyMap<string, readonly Definition[]>;

/** Definition → the shapes that earlier revisions had in the places where the newest refers to it. */
function inPlaceOf(versions: Versions): Map<string, ObjectShape[]> {
  const inPlace = new Map<string, ObjectShape[]>();
  for (const all of versions.values()) {
    const newest = all.at(-1)?.shape;
    if (newest?.kind !== "object") continue;
    for (const [key, { shape }] of Object.entries(newest.properties)) {
      if (shape.kind !== "ref") continue;
      const earlier = all.slice(0, -1).flatMap((version) => inlineObject(version.shape, key));
      inPlace.set(shape.name, [...(inPlace.get(shape.name) ?? []), ...earlier]);
    }
  }
  return inPlace;
}

function inlineObject(shape: Shape, key: string): ObjectShape[] {
  const member = shape.kind === "object" ? shape.properties[key]?.shape : undefined;
  return member?.kind === "object" && Object.keys(member.properties).length > 0 ? [member] : [];
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

function merge(all: readonly Definition[], inPlace: readonly ObjectShape[], versions: Versions): Definition {
  const newest = all.at(-1) as Definition;
  if (newest.shape.kind !== "object") return newest;
  const objects = all.map((version) => version.shape).filter((shape) => shape.kind === "object");
  const others = all.length - objects.length;
  return { ...newest, shape: mergeObjects([...inPlace, ...objects], others, versions) };
}

/** @param others how many more versions there are, which are no objects and so require nothing. */
function mergeObjects(objects: readonly ObjectShape[], others: number, versions: Versions): ObjectShape {
  const keys = new Set(objects.flatMap((object) => Object.keys(object.properties)));
  const properties: Record<string, Property> = {};
  for (const key of [...keys].sort()) {
    const own = objects.flatMap((object) => object.properties[key] ?? []);
    const shapes = own.map((property) => property.shape);
    properties[key] = {
      shape: mergeShapes(shapes, versions),
      required: own.length === objects.length + others && own.every((property) => property.required),
    };
  }
  const newest = objects.at(-1) as ObjectShape;
  const values = objects.map((object) => object.values);
  return { ...newest, properties, values: mergeShapes(values, versions) };
}

/**
 * The newest shape, taken wider where an earlier one is an object that allows more. Members that the newest dropped stay
 * dropped: what it says of them now is what it says of any member.
 */
function mergeShapes(shapes: readonly Shape[], versions: Versions): Shape {
  const newest = shapes.at(-1) as Shape;
  const open = shapes.find((shape) => shape.kind === "object" && isBare(shape) && shape.values.kind === "any");
  if (newest.kind === "ref" && open !== undefined) {
    const target = versions.get(newest.name)?.at(-1)?.shape;
    return target?.kind === "object" && isBare(target) && target.values.kind !== "any" ? open : newest;
  }
  const objects = shapes.filter((shape) => shape.kind === "object");
  if (newest.kind !== "object" || newest.opaque === true || objects.length !== shapes.length) return newest;
  const { properties, ...merged } = mergeObjects(objects, 0, versions);
  const kept = Object.entries(properties).filter(([key]) => newest.properties[key] !== undefined);
  return { ...merged, properties: Object.fromEntries(kept) };
}

/** True where nothing but the type of all members is said. */
function isBare(shape: ObjectShape): boolean {
  return Object.keys(shape.properties).length === 0;
}
