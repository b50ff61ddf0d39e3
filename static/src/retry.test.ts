import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Problem } from "./http";
import { retryWhenBusy, waitSeconds } from "./retry";

const busy = (retryAfter: number | null) => new Problem("Slow down.", 429, "too-many-requests", retryAfter);

describe("a response", () => {
  it.each([
    [429, 3, 1, 3],
    [429, null, 1, 2],
    [429, null, 5, 32],
    [429, 3600, 1, 60],
    [503, 5, 3, 5],
    [503, 5, 4, null],
    [507, null, 1, null],
    [0, null, 1, null],
  ])(
    "%i with Retry-After %j leads, at attempt %i, to a pause of %j seconds",
    (status, retryAfter, attempt, seconds) => {
      expect(waitSeconds(new Problem("", status, "", retryAfter), attempt)).toBe(seconds);
    },
  );

  it.each(["quota-exceeded", "daily-limit-reached"])("about %s leads to no pause", (kind) => {
    expect(waitSeconds(new Problem("Full.", 429, kind, 3600), 1)).toBeNull();
  });
});

describe("retries", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("continue after each pause", async () => {
    const send = vi.fn().mockRejectedValueOnce(busy(5)).mockRejectedValueOnce(busy(null)).mockResolvedValue("done");
    const waits: number[] = [];

    const response = retryWhenBusy(send, new AbortController().signal, (seconds) => waits.push(seconds));
    await vi.advanceTimersByTimeAsync(4999);
    expect(send).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1 + 4000);

    expect(await response).toBe("done");
    expect(waits).toEqual([5, 4]);
  });

  it("end with any other failure", async () => {
    const failure = new Problem("No.", 413);

    await expect(
      retryWhenBusy(
        () => Promise.reject(failure),
        new AbortController().signal,
        () => {},
      ),
    ).rejects.toBe(failure);
  });

  it("end when they are cancelled", async () => {
    const ended = new AbortController();
    const response = retryWhenBusy(
      () => Promise.reject(busy(5)),
      ended.signal,
      () => ended.abort("enough"),
    );

    await expect(response).rejects.toBe("enough");
  });
});
