/** What asking a client takes, loaded with the first question: most servers ask none. */

export { checkSamplingAnswer } from "../protocol/sampling.js";
export { formFailures } from "../schema/form.js";
export { completeVisit, requireUrl, writerFor } from "./visits.js";
