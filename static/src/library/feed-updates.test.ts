import { expect, it, vi } from "vitest";

vi.stubGlobal("localStorage", { getItem: () => null });
vi.stubGlobal("location", new URL("http://127.0.0.1/"));
const { editTags, renameTag } = await import("./feed-updates");

const TAGS = [
  { tag: "dog", count: 2 },
  { tag: "cat", count: 1 },
];

it("adds counts, and removes tags completely", () => {
  expect(editTags(TAGS, [{ tag: " Cat ", count: 4 }], ["DOG"])).toEqual([{ tag: "cat", count: 5 }]);
  expect(editTags(TAGS, [{ tag: "bird", count: 1 }])).toEqual([
    ...TAGS.slice(0, 1),
    { tag: "bird", count: 1 },
    TAGS[1],
  ]);
  expect(editTags([], [{ tag: "ant", count: 999 }])).toEqual(
    editTags([{ tag: "ant", count: 1 }], [{ tag: "ant", count: 999 }]),
  );
});

it("renames a tag, and merges it into an existing one", () => {
  expect(renameTag(TAGS, "dog", "Hound")).toEqual([
    { tag: "hound", count: 2 },
    { tag: "cat", count: 1 },
  ]);
  expect(renameTag(TAGS, "dog", "cat")).toEqual([{ tag: "cat", count: 3 }]);
  expect(renameTag(TAGS, "dog", "DOG")).toBe(TAGS);
  expect(renameTag(TAGS, "bird", "cat")).toBe(TAGS);
});
