import { expect, it } from "vitest";
import { formatAgo, formatBytes, formatDuration, formatPhotos } from "./formats";

const NOW = new Date("2026-11-22T12:00:00Z");

it.each([
  [0, "0 B"],
  [12, "12 B"],
  [999, "999 B"],
  [1_234, "1.2 kB"],
  [48_300, "48 kB"],
  [2_204_176, "2.2 MB"],
  [52_428_800, "52 MB"],
  [7_200_000_000, "7.2 GB"],
])("formats %i bytes as %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

it.each([
  [0.2, "1 s"],
  [20, "20 s"],
  [61, "2 min"],
  [7_500, "2 h 5 min"],
])("formats %d seconds as %s", (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});

it.each([
  ["2026-11-22T11:59:30Z", "just now"],
  ["2026-11-22T11:58:30Z", "1 minute ago"],
  ["2026-11-19T11:00:00Z", "3 days ago"],
  ["2024-11-19T11:00:00Z", "2 years ago"],
])("formats %s as %s", (at, text) => {
  expect(formatAgo(at, NOW)).toBe(text);
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
