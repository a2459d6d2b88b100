/** Who hears of tasks, by the ids of these: mostly one, and more where a task is followed by several handles. */

export class TaskHearers<T extends object> {
  readonly #all = new Map<string, T | readonly T[]>();

  add(id: string, one: T): void {
    const others = this.of(id);
    this.#all.set(id, others.length === 0 ? one : [...others, one]);
  }

  /** Ends what `add` began for this one; others go on. */
  drop(id: string, one: T): void {
    const found = this.#all.get(id);
    if (found === one) this.#all.delete(id);
    if (!Array.isArray(found)) return;
    // The same one may hear for two handles.
    const place = (found as readonly T[]).indexOf(one);
    const others = (found as readonly T[]).filter((_other, index) => index !== place);
    if (others.length === 0) this.#all.delete(id);
    else this.#all.set(id, others);
  }

  /** The task has ended: there is nothing more to hear. */
  end(id: string): void {
    this.#all.delete(id);
  }

  of(id: string): readonly T[] {
    const found = this.#all.get(id);
    if (found === undefined) return [];
    return Array.isArray(found) ? (found as readonly T[]) : [found as T];
  }
}
