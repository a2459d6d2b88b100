/** Says, after the run, what the peers were not tried at and what they were excused for. */

import { absences, exceptions, lacks } from "./allowances.js";

export default function setup(): () => void {
  return () => {
    console.log("\nWhat peers cannot do:");
    for (const { peer, what, reason } of absences) console.log(`- ${peer}: ${what}: ${reason}`);
    for (const { behaviour, reason, byChance: _, ...where } of lacks)
      console.log(`- ${place(where)}: ${behaviour}: ${reason}`);
    console.log("\nWhat peers send that does not fit:");
    for (const { method, pointer, reason, ...where } of exceptions)
      console.log(`- ${place(where)}: ${method === "" ? "an answer" : method}, ${pointer}: ${reason}`);
  };
}

function place({ peer, ...narrow }: { readonly peer: string }): string {
  const limits = Object.entries(narrow).flatMap(([key, value]) =>
    key === "alone" ? [value === true ? "one revision" : "all revisions"] : value,
  );
  return limits.length === 0 ? peer : `${peer} (${limits.join(", ")})`;
}
