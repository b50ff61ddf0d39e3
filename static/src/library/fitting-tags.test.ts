import { describe, expect, it } from "vitest";
import { fittingTags } from "./fitting-tags";

const TAGS = ["person", "dog", "dining table"].map((tag) => ({ tag, count: 2 }));

describe("fittingTags", () => {
  it.each([
    [1000, 1440, 3],
    [300, 1440, 3],
    [240, 1440, 2],
    [130, 1440, 1],
    [114, 1440, 1], // "pers…"
    [112, 1440, 0],
    [1000, 390, 1],
    [112, 390, 0],
  ])("fits on a tile of %d px in a window of %d px: %d", (tile, window, count) => {
    expect(fittingTags(TAGS, tile, window)).toBe(count);
  });

  it("fits nothing if there are no tags", () => {
    expect(fittingTags([], 300, 1440)).toBe(0);
    expect(fittingTags([], 300, 390)).toBe(0);
  });
});
