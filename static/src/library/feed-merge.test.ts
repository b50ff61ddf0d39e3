import { describe, expect, it } from "vitest";
import type { ImageSummary } from "../schemas";
import { insertImages, type Loaded, mergeHead, mergeRecent } from "./feed-merge";
import { testImage } from "./test-image";

const NAMES = "abcdefgh";

/** An image that was taken on the day of its letter. Images are added in the opposite order. */
function image(letter: string, changes: Partial<ImageSummary> = {}): ImageSummary {
  const day = NAMES.indexOf(letter) + 10;
  return testImage(letter, { taken_at: `2019-07-${day}`, created_at: `2026-01-${40 - day}T00:00:00Z`, ...changes });
}

const loadedOf = (letters: string, isTop = true, isBottom = true): Loaded => ({
  images: [...letters].map((letter) => image(letter)),
  keyOf: ({ id, taken_at }) => `${taken_at}#${id}`,
  isTop,
  isBottom,
});
const ids = (images: readonly ImageSummary[]) => images.map(({ id }) => id).join("");

describe("images that are inserted", () => {
  const inserted = (letters: string, more: string, isTop = true, isBottom = true) =>
    ids(
      insertImages(
        loadedOf(letters, isTop, isBottom),
        [...more].map((letter) => image(letter)),
      ),
    );

  it("get the places of their capture times", () => {
    expect(inserted("ec", "dbag")).toBe("gedcba");
    expect(inserted("", "a")).toBe("a");
  });

  it("are left out where the list isn't loaded", () => {
    expect(inserted("ec", "dbag", true, false)).toBe("gedc");
    expect(inserted("ec", "dbag", false, true)).toBe("edcba");
    expect(inserted("", "a", false, false)).toBe("");
  });

  it("replace older states, also at another place", () => {
    expect(inserted("ec", "c")).toBe("ec");
    expect(ids(insertImages(loadedOf("dcb"), [image("c", { taken_at: "2020-01-01" })]))).toBe("cdb");
    expect(ids(insertImages(loadedOf("dcb", false), [image("c", { taken_at: "2020-01-01" })]))).toBe("db");
  });
});

describe("a list whose newest uploads were reloaded", () => {
  it("moves images to their places, and drops deleted ones", () => {
    const loaded = loadedOf("edc");
    const since = "2026-01-26T00:00:00#e";

    expect(ids(mergeRecent(loaded, [image("c"), image("e", { taken_at: "1999-01-01" })], since))).toBe("ce");
    expect(ids(mergeRecent(loaded, [image("c")], "2026-01-27T00:00:00#d"))).toBe("ec");
  });

  it("keeps links, so that no picture is reloaded", () => {
    const [, after] = mergeRecent(loadedOf("dc"), [image("c", { links: null })], "");

    expect(after).toBeUndefined();
    expect(mergeRecent(loadedOf("dc"), [image("c", { links: null })], "")[0]?.links?.thumbnail).toBe("thumbnail of c");
  });
});

describe("a list whose first page was reloaded", () => {
  const keyOf = ({ id }: ImageSummary) => id;
  const merged = (before: string, head: string, isWhole: boolean) =>
    ids(
      mergeHead(
        [...before].map((letter) => image(letter)),
        [...head].map((letter) => image(letter)),
        isWhole,
        keyOf,
      ),
    );

  it("adds new images, drops deleted ones, and keeps older ones", () => {
    expect(merged("dcba", "edb", false)).toBe("edba");
  });

  it("drops all other images when the reload is complete", () => {
    expect(merged("ba", "b", true)).toBe("b");
    expect(merged("ba", "", true)).toBe("");
  });

  it("keeps its links, so that no picture is reloaded", () => {
    const old = testImage("a", { links: { preview: "", large_thumbnail: "", thumbnail: "old" } });

    expect(mergeHead([old], [testImage("a")], true, keyOf)[0]?.links?.thumbnail).toBe("old");
  });
});
