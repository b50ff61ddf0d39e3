import { describe, expect, it } from "vitest";
import { LARGEST, pinchedSize, SMALLEST, scaleOf, toSize } from "./photo-size";

describe("the size of photos", () => {
  it("grows in equal steps from the usual one", () => {
    expect(scaleOf(0)).toBe(1);
    expect(scaleOf(2) / scaleOf(1)).toBeCloseTo(scaleOf(1) / scaleOf(0));
    expect(scaleOf(SMALLEST)).toBeLessThan(1);
  });

  it("is the nearest one that exists, whatever is stored", () => {
    const stored = ["3", "99", "-99", "1.4", "", "large", "NaN", "Infinity", null];

    expect(stored.map(toSize)).toEqual([3, LARGEST, SMALLEST, 1, 0, 0, 0, 0, 0]);
  });
});

describe("a pinch", () => {
  it("makes photos larger or smaller as the fingers move", () => {
    expect([0.5, 0.8, 1, 1.25, 1.6, 100, 0.001].map((spread) => pinchedSize(0, 0, spread))).toEqual([
      SMALLEST,
      -1,
      0,
      1,
      2,
      LARGEST,
      SMALLEST,
    ]);
    expect(pinchedSize(2, 2, 0.8)).toBe(1);
  });

  it("keeps the size while the fingers tremble between two sizes", () => {
    const between = Math.sqrt(1.25);

    expect([between * 0.99, between * 1.01].map((spread) => pinchedSize(0, 0, spread))).toEqual([0, 0]);
    expect([between * 0.99, between * 1.01].map((spread) => pinchedSize(0, 1, spread))).toEqual([1, 1]);
  });
});
