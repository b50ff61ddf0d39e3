import { describe, expect, it } from "vitest";
import { isFinal, refusalOf } from "./refusal";

describe("a refused file", () => {
  it.each([
    [400, "didn't arrive completely"],
    [403, "took too long"],
    [413, "Choose a smaller file"],
    [500, "wasn't stored"],
    [503, "wasn't stored"],
    [507, "Free disk space"],
  ])("with status %i has a reason that says what to do", (status, words) => {
    const { message, status: kept } = refusalOf(status, null);

    expect(message).toContain(words);
    expect(kept).toBe(status);
  });

  it.each([
    ["5", 5],
    [null, null],
    ["Wed, 21 Oct 2026 07:28:00 GMT", null],
  ])("with Retry-After %j asks for a pause of %j seconds", (header, seconds) => {
    expect(refusalOf(503, header).retryAfterSeconds).toBe(seconds);
  });

  it("can be sent again unless it is too large", () => {
    expect([400, 403, 413, 503, 507].filter((status) => isFinal(refusalOf(status, null)))).toEqual([413]);
    expect(isFinal(new Error("Anything."))).toBe(false);
  });
});
