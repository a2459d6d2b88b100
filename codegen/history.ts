/** History: in which revisions each definition and property exists, computed from all models; and which definitions are equal. */

import { type Model, referencesOf, type Shape } from "./model.js";

/** When something came and went. */
export interface Life {
  /** The first revision that has it. */
  readonly since: string;
  /** The first later revision that lacks it, if any. */
  readonly removed: string | undefined;
}

export interface History {
  /** Key is `Definition` or `Definition.property`. Extensions' definitions are not the core's (TRAP-48). */
  readonly lives: ReadonlyMap<string, Life>;
}

/** @param models oldest first. */
export function historyOf(models: readonly Model[]): History {
  const lives = new Map<string, Life>();
  const keys = models.map((model) => new Set(keysOf(model)));
  for (const [index, own] of keys.entries()) {
    for (const key of own) {
      const since = models[keys.findIndex((others) => others.has(key))]?.revision ?? "";
      const gone = keys.findIndex((others, later) => later > index && !others.has(key));
      lives.set(key, { since, removed: models[gone]?.revision });
    }
  }
  return { lives };
}

function keysOf(model: Model): string[] {
  return Object.values(model.definitions).flatMap(({ name, shape, extension }) => {
    const key = lifeKey(name, extension);
    const properties = shape.kind === "object" ? Object.keys(shape.properties) : [];
    return [key, ...properties.map((property) => `${key}.${property}`)];
  });
}

/** The key of a definition in {@link History}. */
export function lifeKey(name: string, extension: string | undefined): string {
  return extension === undefined ? name : `${extension}#${name}`;
}

/**
 * For each model, the definitions that a later revision has with the same shape all the way down, and the newest such
 * revision: their types are the same type and their guards the same function. The newest, so that the revisions in use load
 * few files.
 */
export function sharedDefinitions(models: readonly Model[]): Map<string, ReadonlyMap<string, string>> {
  const owners = new Map<string, string>();
  const shared = new Map<string, ReadonlyMap<string, string>>();
  for (const model of models.toReversed()) {
    const borrowed = new Map<string, string>();
    for (const name of Object.keys(model.definitions)) {
      const key = closureKey(name, model);
      const owner = owners.get(key);
      if (owner === undefined) owners.set(key, model.revision);
      else borrowed.set(name, owner);
    }
    shared.set(model.revision, borrowed);
  }
  return shared;
}

/** A definition and everything it leads to, as one string. */
function closureKey(root: string, model: Model): string {
  const closure = new Map<string, Shape>();
  const visit = (name: string): void => {
    const definition = model.definitions[name];
    if (definition === undefined || closure.has(name)) return;
    closure.set(name, definition.shape);
    for (const inner of referencesOf(definition.shape)) visit(inner);
  };
  visit(root);
  return JSON.stringify([root, [...closure].sort(([left], [right]) => (left < right ? -1 : 1))]);
}
