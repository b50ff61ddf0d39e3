import { expect, it } from "vitest";
import { formatBytes, formatNumber, formatPercent, formatTenths } from "./formats";

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

it("formats numbers as the locale of the browser writes them", () => {
  expect([formatNumber(1_234_567), formatTenths(1234), formatPercent(0.874)]).toEqual(["1,234,567", "1,234.0", "87%"]);
});

it("formats no share as an empty text", () => {
  expect(formatPercent(null)).toBe("");
});
