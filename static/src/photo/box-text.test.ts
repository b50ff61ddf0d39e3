import { expect, it } from "vitest";
import type { Detection } from "../schemas";
import { describeBox, nameOf } from "./box-text";

const BOX = { x1: 0, y1: 0, x2: 10, y2: 10 };
const AT = "2026-02-01T09:30:00Z";
const MODEL: Detection = {
  id: "5f2b0c1d9e8a",
  source: "model",
  label: "dog",
  detected_label: "dog",
  confidence: 0.87,
  certain: true,
  corrected_at: null,
  box: BOX,
  detected_box: null,
};
const DRAWN: Detection = { ...MODEL, source: "person", detected_label: null, confidence: null, corrected_at: AT };

it.each([
  [MODEL, "dog 87%", "87%"],
  [{ ...MODEL, corrected_at: AT }, "dog 87%", "87%, confirmed"],
  [{ ...MODEL, corrected_at: AT, detected_label: "cat" }, "dog 87%", "87%, detected as cat"],
  [{ ...MODEL, corrected_at: AT, detected_box: BOX }, "dog 87%", "87%, moved by you"],
  [DRAWN, "dog", "drawn by you"],
])("%j is named %s and described as %s", (box, name, text) => {
  expect(nameOf(box)).toBe(name);
  expect(describeBox(box)).toBe(text);
});
