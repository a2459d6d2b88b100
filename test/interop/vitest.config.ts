/** Apart from the tests of `npm test`: these need peers that are installed by `npm run interop`. */

import { fileURLToPath } from "node:url";
import type { ViteUserConfig } from "vitest/config";

const config: ViteUserConfig = {
  test: {
    root: fileURLToPath(new URL(".", import.meta.url)),
    include: ["*.test.ts"],
    exclude: ["**/node_modules/**"],
    globalSetup: ["setup.ts"],
    testTimeout: 30_000,
    // Most of the time is spent on waiting for other processes.
    maxWorkers: 3,
  },
};

export default config;
