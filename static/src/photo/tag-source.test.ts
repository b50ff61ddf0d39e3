import { expect, it } from "vitest";
import type { TagSource } from "../schemas";
import { describeSource } from "./tag-source";

const NOW = new Date("2026-11-22T12:00:00Z");
const TAG: TagSource = {
  tag: "clock",
  count: 1,
  source: "detected",
  in_file: false,
  detected: 1,
  confidence: 0.874,
  edited_at: null,
};
const EDITED_AT = "2026-11-19T12:00:00Z";

it.each([
  [TAG, "detected, 87\u00a0% confidence"],
  [{ ...TAG, confidence: null }, "detected"],
  [{ ...TAG, source: "file", in_file: true, detected: 0, confidence: null }, "keyword in the file"],
  [{ ...TAG, source: "hand", detected: 0, confidence: null, edited_at: EDITED_AT }, "edited 3 days ago"],
  [{ ...TAG, source: "hand", edited_at: EDITED_AT }, "1 detected, edited 3 days ago"],
] as [TagSource, string][])("describes the source of %o as %s", (tag, text) => {
  expect(describeSource(tag, NOW)).toBe(text);
});
