/**
 * What a server says before the opening is over. It ought to wait for the client to be ready (LIFE-19), and not every server does: what it
 * asks is answered, and what it tells is heard, as soon as the revision is settled.
 */

/** More than this is no haste any more (SEC-42). */
const MAX_HELD = 1_000;

export class Early {
  #held: (() => void)[] = [];

  /** The outcome of what has to wait. */
  request(work: () => unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const run = (): void => {
        try {
          resolve(work());
        } catch (error) {
          reject(error);
        }
      };
      if (this.#held.length < MAX_HELD) this.#held.push(run);
      else run();
    });
  }

  /** Beyond the bound it is dropped. */
  notification(work: () => void): void {
    if (this.#held.length < MAX_HELD) this.#held.push(work);
  }

  /** Lets everything go on, in the order in which it came. */
  end(): void {
    const held = this.#held;
    this.#held = [];
    for (const work of held) work();
  }
}
