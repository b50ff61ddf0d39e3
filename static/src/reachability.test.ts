import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Problem } from "./http";
import { isUnreachable, Reachability } from "./reachability";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

const lost = () => Promise.reject(new Problem("Can't reach PixTag."));

describe("a failed request", () => {
  it.each([
    [new Problem("No response."), true],
    [new Problem("Bad gateway.", 502), true],
    [new Problem("Gateway timeout.", 504), true],
    [new Problem("Unavailable.", 503), false],
    [new DOMException("Cancelled.", "AbortError"), false],
  ])("%o", (error, expected) => {
    expect(isUnreachable(error)).toBe(expected);
  });
});

describe("reachability", () => {
  it("is true at first and after a response, even if it is an error", async () => {
    const reachability = new Reachability(() => Promise.reject(new Problem("Broken.", 500)));

    expect(reachability.isReachable.value).toBe(true);
    expect(await reachability.check()).toBe(true);
    expect(reachability.isReachable.value).toBe(true);
  });

  it("is false without a response, until a later request succeeds", async () => {
    const request = vi.fn(lost).mockImplementationOnce(lost).mockImplementationOnce(lost);
    const reachability = new Reachability(request);

    expect(await reachability.check()).toBe(false);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(reachability.isReachable.value).toBe(false);
    request.mockResolvedValue(undefined as never);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(reachability.isReachable.value).toBe(true);
    await vi.advanceTimersByTimeAsync(60_000);

    expect(request).toHaveBeenCalledTimes(3);
  });

  it("sends one request at a time after several checks", async () => {
    const request = vi.fn(lost);
    const reachability = new Reachability(request);

    await Promise.all([reachability.check(), reachability.check()]);
    await vi.advanceTimersByTimeAsync(9_000);

    expect(request).toHaveBeenCalledTimes(2 + 3);
  });
});
