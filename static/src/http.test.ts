import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Problem, sendPatiently, unreachableText } from "./http";

const fetch = vi.fn<() => Promise<Response>>();
const problem = (status: number, kind: string, retryAfter?: string) =>
  new Response(JSON.stringify({ type: `urn:pixtag:${kind}`, detail: "No." }), {
    status,
    headers: { ...(retryAfter && { "Retry-After": retryAfter }) },
  });
const statusOf = (request: Promise<unknown>) => request.catch((error: Problem) => error.status);

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("fetch", fetch);
  vi.spyOn(Math, "random").mockReturnValue(0);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  fetch.mockReset();
});

describe("a patient request", () => {
  it("is sent again after growing pauses, or after the pauses that the server wants", async () => {
    fetch.mockResolvedValueOnce(problem(503, "")).mockResolvedValueOnce(problem(429, "too-many-requests"));
    fetch.mockResolvedValueOnce(problem(503, "unavailable", "7")).mockResolvedValueOnce(new Response("done"));

    const response = sendPatiently("GET", "/tags");
    const sent = [];
    for (const seconds of [0, 0.999, 0.001, 1.999, 0.001, 6.999, 0.001]) {
      await vi.advanceTimersByTimeAsync(seconds * 1000);
      sent.push(fetch.mock.calls.length);
    }

    expect(sent).toEqual([1, 1, 2, 2, 3, 3, 4]);
    expect(await (await response).text()).toBe("done");
  });

  it("fails after four attempts", async () => {
    fetch.mockImplementation(() => Promise.resolve(problem(503, "unavailable")));

    const status = statusOf(sendPatiently("GET", "/tags"));
    await vi.runAllTimersAsync();

    expect(await status).toBe(503);
    expect(fetch).toHaveBeenCalledTimes(4);
  });

  it.each([
    [500, "internal", undefined],
    [404, "image-not-found", undefined],
    [429, "quota-exceeded", "1"],
    [429, "daily-limit-reached", "1"],
    [429, "too-many-requests", "11"],
  ])("fails at once with status %i %s and Retry-After %s", async (status, kind, retryAfter) => {
    fetch.mockResolvedValue(problem(status, kind, retryAfter));

    expect(await statusOf(sendPatiently("GET", "/tags"))).toBe(status);
    expect(fetch).toHaveBeenCalledTimes(1);
  });

  it("ends during a pause when it is aborted", async () => {
    fetch.mockResolvedValue(problem(503, "unavailable", "5"));
    const ended = new AbortController();

    const result = sendPatiently("GET", "/tags", { signal: ended.signal }).catch((reason: unknown) => reason);
    await vi.advanceTimersByTimeAsync(1000);
    ended.abort("left the screen");

    expect(await result).toBe("left the screen");
    expect(vi.getTimerCount()).toBe(0);
  });
});

it.each([
  [true, /^Can't reach PixTag[.] /],
  [false, /^You're offline[.] /],
])("a request without a response while the browser is online (%s) says %s", async (onLine, words) => {
  vi.stubGlobal("navigator", { onLine });
  fetch.mockRejectedValue(new TypeError("Failed to fetch"));

  await expect(sendPatiently("GET", "/tags")).rejects.toThrow(words);
  expect(unreachableText()).toMatch(/ Check your connection, then try again[.]$/);
});
