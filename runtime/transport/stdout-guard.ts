/**
 * Keeps everything but messages off this process's stdout (STDIO-07): while the guard stands, `console.log` and every other
 * `process.stdout.write` of this process go to stderr. It cannot see writes to the descriptor itself (native code,
 * `fs.writeSync(1)`) nor those of child processes that inherited it.
 */

import type { StreamOutput } from "./streams.js";

export interface StdoutGuard {
  /** The real stdout, for the messages. */
  readonly output: StreamOutput;
  /** Gives `process.stdout.write` back. */
  lift(): void;
}

/** `onstray` is called for the first write that was turned aside, and for no other. */
export function guardStdout(onstray: () => void): StdoutGuard {
  const { stdout, stderr } = process;
  const original = stdout.write;
  let stray = false;
  const aside = ((...args: Parameters<typeof original>): boolean => {
    if (!stray) {
      stray = true;
      onstray();
    }
    return stderr.write(...args);
  }) as typeof original;
  stdout.write = aside;
  return {
    output: {
      get writableLength() {
        return stdout.writableLength;
      },
      write: (text, encoding, done) => original.call(stdout, text, encoding, done),
      cork: () => stdout.cork(),
      uncork: () => stdout.uncork(),
      on: (event, listener) => stdout.on(event, listener),
    },
    lift: () => {
      // Somebody else may have put something over it since; that is not ours to undo.
      if (stdout.write === aside) stdout.write = original;
    },
  };
}
