import { describe, expect, it } from "vitest";
import type { CocoDocument } from "../schemas";
import { joinCoco, joinCsv, nextPath } from "./export-pages";

/** A page with images, each with annotations of these categories. */
function page(images: Record<string, string[]>, categories: string[]): CocoDocument {
  const names = Object.keys(images);
  return {
    info: { description: "A page", url: "", version: "1", year: 2026, contributor: "", date_created: "" },
    licenses: [],
    images: names.map((file_name, index) => ({ id: index + 1, file_name }) as CocoDocument["images"][number]),
    annotations: names
      .flatMap((name, index) => (images[name] ?? []).map((tag) => ({ image_id: index + 1, tag })))
      .map(({ image_id, tag }, index) => {
        const numbers = { id: index + 1, image_id, category_id: categories.indexOf(tag) + 1 };
        return numbers as CocoDocument["annotations"][number];
      }),
    categories: categories.map((name, index) => ({ id: index + 1, name, supercategory: "" })),
  };
}

describe("pages of CSV", () => {
  it("become one file with one header", () => {
    expect(joinCsv(["\ufeffid,name\r\n1,a\r\n", "\ufeffid,name\r\n", 'id,name\r\n2,"b\r\nc"\r\n'])).toBe(
      '\ufeffid,name\r\n1,a\r\n2,"b\r\nc"\r\n',
    );
    expect(joinCsv([])).toBe("\ufeff");
  });
});

describe("pages of COCO", () => {
  it("become one document with consistent ids", () => {
    const joined = joinCoco([
      page({ "a.jpg": ["dog", "cat"], "b.jpg": [] }, ["dog", "cat"]),
      page({}, []),
      page({ "c.jpg": ["cat", "bird"] }, ["cat", "bird"]),
    ]);

    expect(joined?.images.map(({ id, file_name }) => [id, file_name])).toEqual([
      [1, "a.jpg"],
      [2, "b.jpg"],
      [3, "c.jpg"],
    ]);
    expect(joined?.categories.map(({ id, name }) => [id, name])).toEqual([
      [1, "dog"],
      [2, "cat"],
      [3, "bird"],
    ]);
    expect(joined?.annotations.map(({ id, image_id, category_id }) => [id, image_id, category_id])).toEqual([
      [1, 1, 1],
      [2, 1, 2],
      [3, 3, 2],
      [4, 3, 3],
    ]);
  });

  it("become one document with unique file names", () => {
    const pages = [
      page({ "a.jpg": [], "a-2.jpg": [], b: [] }, []),
      page({ "A.png": [], "a-2.jpg": [], "b.jpg": [] }, []),
    ];

    expect(joinCoco(pages)?.images.map(({ file_name }) => file_name)).toEqual([
      "a.jpg",
      "a-2.jpg",
      "b",
      "A-3.png",
      "a-2-2.jpg",
      "b-2.jpg",
    ]);
  });

  it("become nothing if there are none", () => {
    expect(joinCoco([])).toBeUndefined();
  });
});

it("reads the next page from a Link header", () => {
  expect(nextPath('</export/csv?cursor=a>; rel="next"')).toBe("/export/csv?cursor=a");
  expect(nextPath('</export/csv>; rel="prev"')).toBeNull();
  expect(nextPath(null)).toBeNull();
});
