import { beforeAll, describe, expect, it, vi } from "vitest";
import type { ImageSummary } from "../schemas";
import { Feed } from "./feed";
import { layOut } from "./rows";
import { testImage } from "./test-image";

// The API module reads the session when it is imported.
vi.stubGlobal("localStorage", { getItem: () => null });
const { NOTHING, Selection, extendTo, toggle, tilesIn } = await import("./selection");

const ORDER = ["e", "d", "c", "b", "a"];

describe("selected images", () => {
  it("is toggled", () => {
    const first = toggle(NOTHING, "d");
    const two = toggle(first, "b");

    expect([...two.ids]).toEqual(["d", "b"]);
    expect([...toggle(two, "d").ids]).toEqual(["b"]);
  });

  it("extends from the last image to another, in either direction", () => {
    expect([...extendTo(toggle(NOTHING, "d"), "b", ORDER).ids]).toEqual(["d", "c", "b"]);
    expect([...extendTo(toggle(NOTHING, "b"), "d", ORDER).ids]).toEqual(["b", "d", "c"]);
  });

  it("is one image without an anchor", () => {
    expect([...extendTo(NOTHING, "c", ORDER).ids]).toEqual(["c"]);
    expect([...extendTo(toggle(NOTHING, "gone"), "c", ORDER).ids]).toEqual(["gone", "c"]);
  });

  it("extends from the same anchor again", () => {
    const far = extendTo(toggle(NOTHING, "d"), "b", ORDER);

    expect(far.anchor).toBe("d");
    expect([...extendTo(far, "e", ORDER).ids]).toEqual(["d", "c", "b", "e"]);
  });
});

describe("a rectangle", () => {
  const picture = (id: string) => ({ id, width: 100, height: 100 });
  const measures = { width: 320, target: 100, gap: 10, heading: 40 };
  const layout = layOut(["a", "b", "c", "d", "e"].map(picture), measures, [
    { key: "", heading: "Today", note: "", first: 0, end: 5 },
  ]);

  it("selects the images that it overlaps, and no headings", () => {
    expect(tilesIn(layout, { left: 50, top: 0, right: 150, bottom: 60 })).toEqual([0, 1]);
    expect(tilesIn(layout, { left: 50, top: 60, right: 60, bottom: 200 })).toEqual([0, 3]);
    expect(tilesIn(layout, { left: 50, top: 0, right: 150, bottom: 30 })).toEqual([]);
    expect(tilesIn(layout, { left: 101, top: 50, right: 109, bottom: 60 })).toEqual([]);
  });
});

describe("a selection in a list", () => {
  let feed: Feed;
  const image = (id: string, state: ImageSummary["state"] = "ready") => testImage(id, { state });
  const readWhole = () => Promise.resolve({ target: { query: "dog" }, size: 1234 });

  beforeAll(() => {
    feed = new Feed(() => Promise.reject(new Error("not requested")));
    feed.images.value = [image("c"), image("b", "failed"), image("a")];
  });

  it("loses images that leave the list", () => {
    const selection = new Selection(feed, readWhole);
    selection.toggle("c");
    selection.toggle("gone");

    expect([selection.size.value, selection.target]).toEqual([1, { ids: ["c"] }]);
  });

  it("has only favourites if all ready images are some", () => {
    const selection = new Selection(feed, readWhole);
    const isFavourite = () => selection.isFavourite.value;
    feed.images.value = [{ ...image("c"), favourite: true }, image("b", "failed"), image("a")];

    selection.toggle("b");
    expect(isFavourite()).toBe(false);
    selection.toggle("c");
    expect(isFavourite()).toBe(true);
    selection.toggle("a");
    expect(isFavourite()).toBe(false);
  });

  it("targets the query after the whole list is selected, until one image is deselected", async () => {
    const selection = new Selection(feed, readWhole);

    await selection.addWhole();
    expect([selection.size.value, selection.target]).toEqual([1234, { query: "dog" }]);
    expect(feed.images.value.map((listed) => selection.has(listed))).toEqual([true, false, true]);
    selection.toggle("c");
    expect([selection.size.value, selection.target]).toEqual([1, { ids: ["a"] }]);
  });
});
