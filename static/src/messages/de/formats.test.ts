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
  [0, false, "0 Fotos"],
  [1, false, "1 Foto"],
  [1, true, "1+ Fotos"],
  [1234, false, "1,234 Fotos"],
  [150, true, "150+ Fotos"],
])("formats %i photos (more: %s) as %s", (count, isMore, text) => {
  expect(formatPhotos(count, isMore)).toBe(text);
});
