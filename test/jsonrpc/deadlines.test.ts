import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Deadline, DeadlineWheel } from "../../runtime/jsonrpc/deadlines.js";

interface Named extends Deadline {
  readonly name: string;
}

const due = (name: string, inMs: number): Named => ({
  name,
  dueAt: performance.now() + inMs,
  previous: undefined,
  next: undefined,
  slot: -1,
});

describe("the wheel of deadlines", () => {
  beforeEach(() => vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
  afterEach(() => vi.useRealTimers());

  it("expires within two ticks and never early, whatever the distance", () => {
    const seen: [string, number][] = [];
    const start = performance.now();
    const wheel = new DeadlineWheel<Named>(({ name }) => seen.push([name, performance.now() - start]));
    const distances = [1, 9, 10, 11, 500, 5_119, 5_120, 5_121, 60_000, 3_600_000];
    for (const distance of distances) wheel.add(due(String(distance), distance));
    expect(wheel.size).toBe(distances.length);
    vi.advanceTimersByTime(3_600_100);
    expect(seen.map(([name]) => Number(name)).sort((a, b) => a - b)).toEqual(distances);
    for (const [name, at] of seen) {
      expect(at).toBeGreaterThanOrEqual(Number(name));
      expect(at).toBeLessThan(Number(name) + 21);
    }
    expect(wheel.size).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("uses one timer for all, and none for what was dropped", () => {
    const expire = vi.fn();
    const wheel = new DeadlineWheel<Named>(expire);
    const many = Array.from({ length: 10_000 }, (_, at) => due(String(at), 1 + (at % 3_000)));
    for (const one of many) wheel.add(one);
    expect(vi.getTimerCount()).toBe(1);
    for (const one of many) wheel.drop(one);
    for (const one of many) wheel.drop(one);
    expect(wheel.size).toBe(0);
    vi.advanceTimersByTime(10_000);
    expect(expire).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("notices a deadline that moved", () => {
    const seen: number[] = [];
    const start = performance.now();
    const wheel = new DeadlineWheel<Named>(() => seen.push(performance.now() - start));
    const moving = due("moving", 100);
    wheel.add(moving);
    vi.advanceTimersByTime(90);
    moving.dueAt += 7_000;
    vi.advanceTimersByTime(6_000);
    expect(seen).toEqual([]);
    vi.advanceTimersByTime(2_000);
    expect(seen).toHaveLength(1);
    expect(seen[0]).toBeGreaterThanOrEqual(7_100);
  });

  it("takes that one expiry drops or adds others", () => {
    const seen: string[] = [];
    const others = [due("a", 50), due("b", 50), due("c", 50)];
    const wheel: DeadlineWheel<Named> = new DeadlineWheel<Named>(({ name }) => {
      seen.push(name);
      for (const other of others) wheel.drop(other);
      if (seen.length === 1) wheel.add(due("again", 0));
    });
    for (const other of others) wheel.add(other);
    vi.advanceTimersByTime(200);
    expect(seen).toHaveLength(2);
    expect(seen[1]).toBe("again");
    wheel.add(due("stopped", 10));
    wheel.stop();
    vi.advanceTimersByTime(200);
    expect(seen).toHaveLength(2);
  });
});
