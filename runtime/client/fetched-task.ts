/** A task whose outcome is fetched by a request of its own, which also brings what the task asks. Requirements TASK-30, TASK-42, TASK-50. */

import type { CallToolResult } from "../../generated/neutral/types.js";
import { McpWireError, RpcError } from "../errors.js";
import { isFinal } from "../protocol/task-facts.js";
import { cancelled, Following } from "./following.js";
import { isPassing, MAX_LOST } from "./looking.js";

export class FetchedTask extends Following {
  async answer(): Promise<never> {
    const problem = "Questions of this task come as requests, and are answered by the callbacks of the client.";
    throw new McpWireError("NOT_IN_REVISION", problem, "Give callbacks to `connect`, and wait for the result.");
  }

  protected drive(): Promise<CallToolResult> {
    return this.#fetch().then(
      (result) => {
        this.over();
        return this.read(result);
      },
      (error: unknown) => this.#settled(this.#fetchAgain(error)),
    );
  }

  #settled(work: Promise<CallToolResult>): Promise<CallToolResult> {
    return work.then(
      (result) => {
        this.over();
        return result;
      },
      (error: unknown) => this.fail(error),
    );
  }

  /** The outcome by a request that waits for it, and that brings what the task asks. A connection that is lost costs nothing. */
  #fetch(): Promise<unknown> {
    return this.ask("tasks/result", {}, Number.POSITIVE_INFINITY);
  }

  async #fetchAgain(failure: unknown): Promise<CallToolResult> {
    let error = failure;
    for (let lost = 0; ; lost++) {
      const ended = error instanceof RpcError ? await this.#explain(error) : undefined;
      if (ended !== undefined) throw ended;
      if (lost >= MAX_LOST || !(error instanceof RpcError || isPassing(error))) throw error;
      // Work that takes hours outlives any number of connections.
      if (isPassing(error) && (await this.#goesOn())) lost = 0;
      await this.pause();
      let result: unknown;
      try {
        result = await this.#fetch();
      } catch (again) {
        error = again;
        continue;
      }
      return await this.read(result);
    }
  }

  /** Whether the server can be asked, and says that the task has not ended: only the wait was cut. */
  async #goesOn(): Promise<boolean> {
    try {
      return !isFinal((await this.look()).status);
    } catch {
      // What lasts is told by the next attempt.
      return false;
    }
  }

  /**
   * The error of the call, or that the task was cancelled, which looks the same; `undefined` where the task goes on, and the error is one of
   * the wait alone.
   */
  async #explain(error: RpcError): Promise<McpWireError | undefined> {
    try {
      const { status } = await this.look();
      if (!isFinal(status)) return undefined;
      return status === "cancelled" ? cancelled(error) : error;
    } catch (failure) {
      // Otherwise the task is gone: what it was refused with says so.
      return isPassing(failure) ? undefined : error;
    }
  }

  protected follow(): void {
    this.parts.taskNews.add(this.id, this);
    if (this.state === undefined) this.lookOn();
    else if (this.looked()) this.rest();
  }

  protected looked(): boolean {
    if (!this.rested()) return false;
    // What it needs comes by the wait for its result (TASK-50); what becomes of that is told there.
    if (this.state?.status === "input_required") this.result().catch(() => undefined);
    return true;
  }

  protected rested(): boolean {
    if (this.state === undefined || !isFinal(this.state.status)) return true;
    this.seenAll();
    return false;
  }

  protected broke(error: unknown): void {
    // How the call ended is told by `result`; here, only what kept from looking.
    if (this.state === undefined || !isFinal(this.state.status)) this.feed.fail(error);
    this.seenAll();
  }
}
