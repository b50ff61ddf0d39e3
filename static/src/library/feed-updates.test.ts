import { expect, it, vi } from "vitest";
import type { ImageSummary } from "../schemas";

vi.stubGlobal("localStorage", { getItem: () => null });
vi.stubGlobal("location", new URL("http://127.0.0.1/"));
const { edited, joined, renamed } = await import("./feed-updates");

const TAGS = [
  { tag: "dog", count: 2 },
  { tag: "cat", count: 1 },
];

it("adds counts up and takes tags away altogether", () => {
  expect(edited(TAGS, [{ tag: " Cat ", count: 4 }], ["DOG"])).toEqual([{ tag: "cat", count: 5 }]);
  expect(edited(TAGS, [{ tag: "bird", count: 1 }])).toEqual([...TAGS.slice(0, 1), { tag: "bird", count: 1 }, TAGS[1]]);
  expect(edited([], [{ tag: "ant", count: 999 }])).toEqual(
    edited([{ tag: "ant", count: 1 }], [{ tag: "ant", count: 999 }]),
  );
});

it("renames a tag, and merges it into one that is there", () => {
  expect(renamed(TAGS, "dog", "Hound")).toEqual([
    { tag: "hound", count: 2 },
    { tag: "cat", count: 1 },
  ]);
  expect(renamed(TAGS, "dog", "cat")).toEqual([{ tag: "cat", count: 3 }]);
  expect(renamed(TAGS, "dog", "DOG")).toBe(TAGS);
  expect(renamed(TAGS, "bird", "cat")).toBe(TAGS);
});

it("puts images back where they were, as far as the list is read", () => {
  const images = (ids: string) => [...ids].map((id) => ({ id }) as ImageSummary);
  const ids = (list: readonly ImageSummary[]) => list.map(({ id }) => id).join("");

  expect(ids(joined(images("ec"), images("dba"), true))).toBe("edcba");
  expect(ids(joined(images("ec"), images("dba"), false))).toBe("edc");
  expect(ids(joined(images("ec"), images("c"), true))).toBe("ec");
  expect(ids(joined([], images("a"), false))).toBe("");
});
