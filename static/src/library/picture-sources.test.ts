import { describe, expect, it } from "vitest";
import { findLongSide, pictureSources } from "./picture-sources";

const links = { thumbnail: "small", large_thumbnail: "large", preview: "preview" };

describe("the sources of a picture", () => {
  it.each([
    { longSide: 192, sources: "small 2.00x, large 4.00x, preview 12.50x" },
    { longSide: 384, sources: "small 1.00x, large 2.00x, preview 6.25x" },
    { longSide: 768, sources: "small 0.50x, large 1.00x, preview 3.13x" },
  ])("have the densities for which they suffice ($longSide)", ({ longSide, sources }) => {
    expect(pictureSources({ width: 4000, height: 3000, links }, longSide)).toBe(sources);
  });

  it("count the pixels of a panorama", () => {
    expect(pictureSources({ width: 1000, height: 8000, links }, 1024)).toBe("small 1.50x, large 3.00x, preview 3.00x");
  });

  it("are empty without links", () => {
    expect(pictureSources({ width: 4000, height: 3000, links: null }, 100)).toBe("");
  });
});

it.each([
  [400, 300, 160],
  [300, 400, 120],
  [0, 0, 120],
])("finds the long side of a picture (%i x %i)", (width, height, longSide) => {
  expect(findLongSide({ width, height }, 120)).toBe(longSide);
});
