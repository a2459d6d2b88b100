import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["**/node_modules/**", "test/interop/**", "test/browser/**", "test/stores/**"],
    globalSetup: ["test/setup-build.ts"],
    testTimeout: 60_000,
    // Many wait for processes and for time; by default one processor is left idle.
    maxWorkers: 3,
    // A machine that is busy must not decide a test.
    expect: { poll: { timeout: 20_000 } },
  },
});
