import { expect, it } from "vitest";
import { simpleTags } from "./simple-tags";

it("a query for tags has their counts", () => {
  expect(simpleTags("dog, person>=2")).toEqual([
    { tag: "dog", count: 1 },
    { tag: "person", count: 2 },
  ]);
});

it.each(["!dog", "dog|cat", "dog<=2", "dog=2", "dog!", "dog, untagged", "taken:2026-11", "title:dog", "cat>>2", ""])(
  "%s isn't only tags",
  (query) => {
    expect(simpleTags(query)).toBeNull();
  },
);
