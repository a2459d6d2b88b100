/** Every target, one a file. */

import type { Target } from "./target.js";
import { events } from "./targets/events.js";
import { lines } from "./targets/lines.js";
import { patterns } from "./targets/patterns.js";
import { state } from "./targets/state.js";
import { templates } from "./targets/templates.js";

export const targets: readonly Target[] = [lines, events, patterns, state, templates];
