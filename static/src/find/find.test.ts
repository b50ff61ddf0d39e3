import { describe, expect, it } from "vitest";
import { fitted } from "./image-size";
import { photoIn, unsigned } from "./photo-link";

const HERE = "https://pixtag.example";

describe("a link", () => {
  it.each([
    [`${HERE}/photos/01jd?x=1`, "01jd"],
    [`${HERE}/photos/01jd/more`, ""],
    [`${HERE}/labels`, ""],
    ["https://other.example/photos/01jd", ""],
    ["no link", ""],
  ])("%s leads to the photograph %j", (link, id) => {
    expect(photoIn(link, HERE)).toBe(id);
  });

  it("is sent without its signature", () => {
    expect(unsigned("https://bucket.example/thumbnails/a/b.jpg?X-Amz-Signature=1#x")).toBe(
      "https://bucket.example/thumbnails/a/b.jpg",
    );
    expect(unsigned("no link?")).toBe("no link?");
  });
});

describe("a picture", () => {
  it.each([
    [8000, 6000, 1600, 1200],
    [600, 9000, 107, 1600],
    [640, 480, 640, 480],
    [90_000, 1, 1600, 1],
  ])("of %i x %i is shown as %i x %i", (width, height, fittedWidth, fittedHeight) => {
    expect(fitted({ width, height })).toEqual({ width: fittedWidth, height: fittedHeight });
  });
});
