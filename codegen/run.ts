/** The generator on this repository: `npm run generate [-- --check]`. */

import { GeneratorError } from "./errors.js";
import { generateProject } from "./main.js";

const check = process.argv.includes("--check");
const started = performance.now();
try {
  const { files } = await generateProject({ schemas: "schema", out: "generated", check });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${check ? "generated/ is what the schemas give" : "wrote generated/"}: ${files} files, ${seconds} s`);
} catch (error) {
  if (!(error instanceof GeneratorError)) throw error;
  console.error(error.message);
  process.exitCode = error.code === "STALE_OUTPUT" ? 1 : 2;
}
