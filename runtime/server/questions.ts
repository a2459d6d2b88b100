/** What asking a client takes, loaded with the first question: most servers ask none. */

export { writeQuestion } from "../protocol/asking.js";
export { checkSamplingAnswer } from "../protocol/sampling.js";
export { formFailures } from "../schema/form.js";
