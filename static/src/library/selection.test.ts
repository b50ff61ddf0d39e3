import { beforeAll, describe, expect, it, vi } from "vitest";
import type { ImageSummary } from "../schemas";
import { Feed } from "./feed";
import { layOut } from "./rows";

// The session that the API's module asks about at its import is no part of this.
vi.stubGlobal("localStorage", { getItem: () => null });
const { NOTHING, Selection, stretched, toggled, touched } = await import("./selection");

const ORDER = ["e", "d", "c", "b", "a"];

describe("what is selected", () => {
  it("is one more, or one less", () => {
    const one = toggled(NOTHING, "d");
    const two = toggled(one, "b");

    expect([...two.ids]).toEqual(["d", "b"]);
    expect([...toggled(two, "d").ids]).toEqual(["b"]);
  });

  it("is all from the last to another, in either direction", () => {
    expect([...stretched(toggled(NOTHING, "d"), "b", ORDER).ids]).toEqual(["d", "c", "b"]);
    expect([...stretched(toggled(NOTHING, "b"), "d", ORDER).ids]).toEqual(["b", "d", "c"]);
  });

  it("is one if there is nothing to reach from", () => {
    expect([...stretched(NOTHING, "c", ORDER).ids]).toEqual(["c"]);
    expect([...stretched(toggled(NOTHING, "gone"), "c", ORDER).ids]).toEqual(["gone", "c"]);
  });

  it("reaches from the same picture again", () => {
    const far = stretched(toggled(NOTHING, "d"), "b", ORDER);

    expect(far.anchor).toBe("d");
    expect([...stretched(far, "e", ORDER).ids]).toEqual(["d", "c", "b", "e"]);
  });
});

describe("a rectangle", () => {
  const picture = (id: string) => ({ id, width: 100, height: 100, created_at: "" });
  const measures = { width: 320, target: 100, gap: 10, heading: 40 };
  const layout = layOut(["a", "b", "c", "d", "e"].map(picture), measures, () => "Today");

  it("touches what it overlaps, and no heading", () => {
    expect(touched(layout, { left: 50, top: 0, right: 150, bottom: 60 })).toEqual([0, 1]);
    expect(touched(layout, { left: 50, top: 60, right: 60, bottom: 200 })).toEqual([0, 3]);
    expect(touched(layout, { left: 50, top: 0, right: 150, bottom: 30 })).toEqual([]);
    expect(touched(layout, { left: 101, top: 50, right: 109, bottom: 60 })).toEqual([]);
  });
});

describe("a selection in a list", () => {
  let feed: Feed;
  const image = (id: string, state = "ready") => ({ id, state }) as ImageSummary;
  const readWhole = () => Promise.resolve({ target: { query: "dog" }, size: 1234 });

  beforeAll(() => {
    feed = new Feed(() => Promise.reject(new Error("not asked")));
    feed.images.value = [image("c"), image("b", "failed"), image("a")];
  });

  it("loses what leaves the list", () => {
    const selection = new Selection(feed, readWhole);
    selection.toggle("c");
    selection.toggle("gone");

    expect([selection.size.value, selection.target]).toEqual([1, { ids: ["c"] }]);
  });

  it("means the query once all of it is chosen, until one is taken out", async () => {
    const selection = new Selection(feed, readWhole);

    await selection.addWhole();
    expect([selection.size.value, selection.target]).toEqual([1234, { query: "dog" }]);
    expect(feed.images.value.map((one) => selection.has(one))).toEqual([true, false, true]);
    selection.toggle("c");
    expect([selection.size.value, selection.target]).toEqual([1, { ids: ["a"] }]);
  });
});
