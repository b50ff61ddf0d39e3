import { expect, it } from "vitest";
import { formatDuration, formatPhotos } from "./formats";

it.each([
  [0.2, "1 s"],
  [20, "20 s"],
  [61, "2 min"],
  [7_500, "2 h 5 min"],
])("formats %d seconds as %s", (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});

it.each([
  [0, false, "0 photos"],
  [1, false, "1 photo"],
  [1, true, "1+ photos"],
  [1234, false, "1,234 photos"],
  [150, true, "150+ photos"],
])("formats %i photos (more: %s) as %s", (count, isMore, text) => {
  expect(formatPhotos(count, isMore)).toBe(text);
});
