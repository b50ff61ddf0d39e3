import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Problem } from "../http";
import { patiently, waitSeconds } from "./retry";

const busy = (retryAfter: number | null) => new Problem("Slow down.", 429, "too-many-requests", retryAfter);

describe("an answer", () => {
  it.each([
    [429, 3, 1, 3],
    [429, null, 1, 2],
    [429, null, 5, 32],
    [429, 3600, 1, 60],
    [503, 3, 1, null],
    [0, null, 1, null],
  ])("%i that says %j is waited for, the %ith time, %j seconds", (status, said, attempt, seconds) => {
    expect(waitSeconds(status, said, attempt)).toBe(seconds);
  });
});

describe("asking patiently", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("goes on after the pauses that are asked for", async () => {
    const ask = vi.fn().mockRejectedValueOnce(busy(5)).mockRejectedValueOnce(busy(null)).mockResolvedValue("done");
    const waits: number[] = [];

    const answer = patiently(ask, new AbortController().signal, (seconds) => waits.push(seconds));
    await vi.advanceTimersByTimeAsync(4999);
    expect(ask).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1 + 4000);

    expect(await answer).toBe("done");
    expect(waits).toEqual([5, 4]);
  });

  it("ends with any other failure", async () => {
    const failure = new Problem("No.", 413);

    await expect(
      patiently(
        () => Promise.reject(failure),
        new AbortController().signal,
        () => {},
      ),
    ).rejects.toBe(failure);
  });

  it("ends when it is cancelled", async () => {
    const ended = new AbortController();
    const answer = patiently(
      () => Promise.reject(busy(5)),
      ended.signal,
      () => ended.abort("enough"),
    );

    await expect(answer).rejects.toBe("enough");
  });
});
