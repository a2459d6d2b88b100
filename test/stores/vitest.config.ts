/** Apart from the tests of `npm test`: these start a Redis and several servers, kill them, and wait until others have noticed. */

import { fileURLToPath } from "node:url";
import type { ViteUserConfig } from "vitest/config";

const config: ViteUserConfig = {
  test: {
    root: fileURLToPath(new URL(".", import.meta.url)),
    include: ["*.test.ts"],
    testTimeout: 60_000,
    // A machine that is busy must not decide a test.
    expect: { poll: { timeout: 20_000 } },
    maxWorkers: 2,
  },
};

export default config;
