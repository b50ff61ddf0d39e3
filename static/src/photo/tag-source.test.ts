import { expect, it } from "vitest";
import { describeSource } from "./tag-source";

const DETECTED = { tag: "person", count: 3, detected: 3, in_file: false, confidence: 0.87, edited_at: null } as const;
const HAND = { ...DETECTED, source: "hand", edited_at: "2026-02-01T09:30:00Z" } as const;

it.each([
  [{ ...DETECTED, source: "detected" } as const, 3, "3 boxes"],
  [{ ...DETECTED, source: "detected", count: 1 } as const, 1, "1 box"],
  [{ ...HAND, count: 4 }, 3, "3 boxes, 4 set by you"],
  [{ ...HAND, count: 1200 }, 1100, "1,100 boxes, 1,200 set by you"],
  [HAND, 3, "3 boxes"],
  [{ ...HAND, count: 1, detected: 0 }, 0, "set by you"],
  [{ ...DETECTED, source: "file", count: 1, in_file: true } as const, 0, "keyword in the file"],
  [{ ...HAND, count: 4, in_file: true }, 3, "3 boxes, keyword in the file, 4 set by you"],
])("%j with %d boxes is described", (source, boxes, text) => {
  expect(describeSource(source, boxes, source.count)).toBe(text);
});

it("the certain part of an uncertain count is shown, unless a person has set the count", () => {
  expect(describeSource({ ...DETECTED, source: "detected" }, 3, 1)).toBe("3 boxes, 1 certain");
  expect(describeSource({ ...HAND, count: 4 }, 3, 1)).toBe("3 boxes, 4 set by you");
});
