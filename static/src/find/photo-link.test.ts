import { describe, expect, it } from "vitest";
import { photoIdIn, withoutSignature } from "./photo-link";

const HERE = "https://pixtag.example";

describe("a link", () => {
  it.each([
    [`${HERE}/photos/01jd?x=1`, "01jd"],
    [`${HERE}/photos/01jd/more`, ""],
    [`${HERE}/labels`, ""],
    ["https://other.example/photos/01jd", ""],
    ["no link", ""],
  ])("%s contains the photo id %j", (link, id) => {
    expect(photoIdIn(link, HERE)).toBe(id);
  });

  it("is sent without its signature", () => {
    expect(withoutSignature("https://bucket.example/thumbnails/a/b.jpg?X-Amz-Signature=1#x")).toBe(
      "https://bucket.example/thumbnails/a/b.jpg",
    );
    expect(withoutSignature("no link?")).toBe("no link?");
  });
});
