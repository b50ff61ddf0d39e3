import { describe, expect, it } from "vitest";
import { type MonthCount, placeOf, placeStops, stepTo, stopAt, yearLabels } from "./scrubber-geometry";

const MONTHS: readonly MonthCount[] = [
  { month: "2026-11", images: 50 },
  { month: "2025-12", images: 10 },
  { month: "2025-03", images: 30 },
  { month: "2019-07", images: 10 },
  { month: "", images: 2 },
];
const stops = placeStops(MONTHS, 400);

describe("the stops of the scrubber", () => {
  it("fill its height, in proportion to their numbers of images", () => {
    expect((stops.at(-1)?.top ?? 0) + (stops.at(-1)?.height ?? 0)).toBeCloseTo(400);
    expect((stops[0]?.height ?? 0) / (stops[1]?.height ?? 0)).toBeGreaterThan(4);
    expect(stops.every(({ top }, index) => index === 0 || top > (stops[index - 1]?.top ?? 0))).toBe(true);
  });

  it("leave room for months with few images, also on a low scrubber", () => {
    const many = Array.from({ length: 240 }, (_, index) => ({ month: `${index}`, images: index === 7 ? 100_000 : 1 }));

    for (const height of [700, 200]) {
      const placed = placeStops(many, height);
      expect(Math.min(...placed.map((stop) => stop.height))).toBeGreaterThanOrEqual(height / 480);
      expect(placed[7]?.height).toBeGreaterThanOrEqual(height * 0.4);
    }
  });

  it("are found by their positions", () => {
    expect(stops.map(({ top }) => stopAt(stops, top + 1))).toEqual([0, 1, 2, 3, 4]);
    expect([stopAt(stops, -50), stopAt(stops, 999)]).toEqual([0, 4]);
  });
});

describe("the position of an image", () => {
  it("is in its month, newer days higher", () => {
    const [late, early] = ["2025-03-31T10:00:00#a", "2025-03-01T10:00:00#a"].map((key) => placeOf(stops, key));

    expect(late).toBe(stops[2]?.top);
    expect(early).toBeGreaterThan(late ?? 0);
    expect(early).toBeLessThan(stops[3]?.top ?? 0);
  });

  it("is next to its place if its month isn't counted", () => {
    expect(placeOf(stops, "2024-01-01T10:00:00#a")).toBe(stops[3]?.top);
    expect(placeOf(stops.slice(0, 4), "2001-01-01T10:00:00#a")).toBeCloseTo(stops[4]?.top ?? 0);
  });

  it("is at the bottom if its date can't be right", () => {
    expect(placeOf(stops, "!2106-01-01T10:00:00#a")).toBe(stops[4]?.top);
  });
});

it("years have labels where there is room", () => {
  expect(yearLabels(stops).map(({ year }) => year)).toEqual(["2026", "2025", "2019"]);
  expect(yearLabels(placeStops(MONTHS, 20)).map(({ year }) => year)).toEqual(["2026"]);
});

it.each([
  [0, "ArrowDown", 1],
  [1, "ArrowUp", 0],
  [0, "ArrowUp", 0],
  [4, "ArrowDown", 4],
  [0, "PageDown", 2],
  [2, "PageDown", 3],
  [3, "PageDown", 4],
  [4, "PageDown", 4],
  [3, "PageUp", 2],
  [1, "PageUp", 0],
  [0, "PageUp", 0],
  [4, "PageUp", 3],
  [3, "Home", 0],
  [0, "End", 4],
  [0, "a", null],
])("at stop %i, %s moves to %j", (index, key, to) => {
  expect(stepTo(stops, index, key)).toBe(to);
});
