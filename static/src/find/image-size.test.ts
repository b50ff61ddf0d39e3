import { describe, expect, it } from "vitest";
import { fitSize } from "./image-size";

describe("a photo", () => {
  it.each([
    [8000, 6000, 1600, 1200],
    [600, 9000, 107, 1600],
    [640, 480, 640, 480],
    [90_000, 1, 1600, 1],
  ])("of %i x %i is scaled to %i x %i", (width, height, fittedWidth, fittedHeight) => {
    expect(fitSize({ width, height })).toEqual({ width: fittedWidth, height: fittedHeight });
  });
});
