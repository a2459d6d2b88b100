/** Every target, one a file. */

import type { Target } from "./target.js";
import { answers } from "./targets/answers.js";
import { events } from "./targets/events.js";
import { lines } from "./targets/lines.js";
import { messages } from "./targets/messages.js";
import { patterns } from "./targets/patterns.js";
import { state } from "./targets/state.js";
import { templates } from "./targets/templates.js";

export const targets: readonly Target[] = [lines, messages, answers, events, templates, patterns, state];
