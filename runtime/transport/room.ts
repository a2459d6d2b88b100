/** The promise that `Channel.send` gives while a queue is over its high-water mark: one for all who wait. */

export interface Room {
  /** Whether anybody was told to wait. */
  readonly awaited: boolean;
  wait(): Promise<void>;
  /** Lets everybody go on. */
  open(): void;
}

export function createRoom(): Room {
  let promise: Promise<void> | undefined;
  let resolve = (): void => undefined;
  return {
    get awaited() {
      return promise !== undefined;
    },
    wait() {
      promise ??= new Promise<void>((done) => {
        resolve = done;
      });
      return promise;
    },
    open() {
      promise = undefined;
      resolve();
    },
  };
}
