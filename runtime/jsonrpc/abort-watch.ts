/**
 * Tells requests that the signal of their caller aborted, with one listener for each signal: many requests may share one, and
 * Node warns of a leak at the eleventh listener.
 */

/** Something that can be told. */
export interface Abortable {
  onabort(signal: AbortSignal): void;
}

export class AbortWatch {
  readonly #watched = new Map<AbortSignal, Watched>();

  add(signal: AbortSignal, request: Abortable): void {
    let watched = this.#watched.get(signal);
    if (watched === undefined) {
      watched = { requests: new Set(), listener: () => this.#abort(signal) };
      this.#watched.set(signal, watched);
      signal.addEventListener("abort", watched.listener, { once: true });
    }
    watched.requests.add(request);
  }

  drop(signal: AbortSignal, request: Abortable): void {
    const watched = this.#watched.get(signal);
    if (watched === undefined) return;
    watched.requests.delete(request);
    if (watched.requests.size > 0) return;
    this.#watched.delete(signal);
    signal.removeEventListener("abort", watched.listener);
  }

  #abort(signal: AbortSignal): void {
    const requests = [...(this.#watched.get(signal)?.requests ?? [])];
    for (const request of requests) request.onabort(signal);
  }
}

interface Watched {
  readonly requests: Set<Abortable>;
  readonly listener: () => void;
}
