import { describe, expect, it } from "vitest";
import { ago, bytes, folded, isOf, queryFor, sourceOf, tagFault } from "./words";

const NOW = new Date("2026-11-22T12:00:00Z");

it("times are said as people say them", () => {
  expect(ago("2026-11-22T11:59:30Z", NOW)).toBe("just now");
  expect(ago("2026-11-22T11:58:30Z", NOW)).toBe("1 minute ago");
  expect(ago("2026-11-19T11:00:00Z", NOW)).toBe("3 days ago");
  expect(ago("2024-11-19T11:00:00Z", NOW)).toBe("2 years ago");
});

describe("a tag says where it comes from", () => {
  const tag = { tag: "clock", count: 1, detected: 1, confidence: 0.874, edited_at: null };

  it("the model, or a hand, or both", () => {
    expect(sourceOf(tag, NOW)).toBe("seen, 87\u00a0% sure");
    const editedAt = "2026-11-19T12:00:00Z";
    expect(sourceOf({ ...tag, detected: 0, confidence: null, edited_at: editedAt }, NOW)).toBe("by hand, 3 days ago");
    expect(sourceOf({ ...tag, edited_at: editedAt }, NOW)).toBe("1 seen; by hand, 3 days ago");
    expect(sourceOf({ ...tag, confidence: null }, NOW)).toBe("seen");
  });
});

it("sizes are said in the unit that fits", () => {
  expect([12, 48_300, 2_204_176].map(bytes)).toEqual(["1 kB", "48 kB", "2.2 MB"]);
});

it("tags make a query for as much", () => {
  expect(
    queryFor([
      { tag: "stop sign", count: 2 },
      { tag: "clock", count: 1 },
    ]),
  ).toBe("stop sign>=2, clock");
});

it("a box is of the tag that its label is folded into", () => {
  expect(isOf({ label: "Stop Sign" }, "stop sign")).toBe(true);
  expect(isOf({ label: "clock" }, "stop sign")).toBe(false);
});

it("a tag is spelt in one way", () => {
  expect(folded("  Guide \t DOG ")).toBe("guide dog");
});

it("what cannot be a tag says why", () => {
  expect(tagFault("guide dog")).toBe("");
  expect(tagFault("a|b")).toContain("|");
  expect(tagFault("!dog")).toContain("!dog");
  expect(tagFault("untagged")).toContain("untagged");
  expect(tagFault("x".repeat(65))).toContain("64");
});
