/** Every target, one a file. */

import type { Target } from "./target.js";
import { answers } from "./targets/answers.js";
import { challenges } from "./targets/challenges.js";
import { events } from "./targets/events.js";
import { headers } from "./targets/headers.js";
import { http } from "./targets/http.js";
import { lines } from "./targets/lines.js";
import { messages } from "./targets/messages.js";
import { patterns } from "./targets/patterns.js";
import { state } from "./targets/state.js";
import { templates } from "./targets/templates.js";
import { traces } from "./targets/traces.js";

export const targets: readonly Target[] = [
  lines,
  messages,
  answers,
  events,
  headers,
  http,
  challenges,
  templates,
  patterns,
  state,
  traces,
];
