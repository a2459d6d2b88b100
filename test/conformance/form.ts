/** A person who accepts every form as it stands: what has a default gets it (SEP-1034), what is demanded beside that gets something. */

import type { ConnectOptions } from "mcpwire/client";

type Form = Parameters<NonNullable<ConnectOptions["elicit"]>>[0];
type Content = NonNullable<Awaited<ReturnType<NonNullable<ConnectOptions["elicit"]>>>["content"]>;

export function fillForm({ properties, required = [] }: Form["requestedSchema"]): Content {
  const content: Content = {};
  for (const [name, field] of Object.entries(properties)) {
    if (field.default !== undefined) content[name] = field.default;
    else if (required.includes(name)) content[name] = something(field);
  }
  return content;
}

function something(field: Form["requestedSchema"]["properties"][string]): Content[string] {
  switch (field.type) {
    case "boolean":
      return true;
    case "integer":
    case "number":
      return field.minimum ?? 1;
    case "array":
      return [];
    default: {
      const { enum: values } = field as { readonly enum?: readonly string[] };
      return values?.[0] ?? "text";
    }
  }
}
