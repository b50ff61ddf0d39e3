import { expect, it, vi } from "vitest";
import { Feed } from "./feed";
import { testImage } from "./test-image";

// The grid reads its density when it is imported.
vi.stubGlobal("localStorage", { getItem: () => null });
const { GridPlace } = await import("./grid-place");
const { jumpTo } = await import("./jump");

const photo = (month: string) => testImage(month, { taken_at: `${month}-05` });
const impossible = testImage("impossible", { taken_at: "2106-01-01", taken_plausible: false });

/** A list that starts with two months, and has a month and an impossible date below. */
async function open() {
  const requested: string[] = [];
  const feed = new Feed((cursor, _, direction) => {
    requested.push(`${direction} ${cursor}`);
    const images = cursor ? [photo("2019-02")] : [photo("2019-11"), photo("2019-10")];
    const above = cursor ? [photo("2019-03")] : [impossible];
    return Promise.resolve({ images: direction === "asc" ? above : images, next: cursor ? null : "below" });
  });
  await feed.more();
  return { feed, requested, place: new GridPlace() };
}

it("a loaded month is shown without a request", async () => {
  const { feed, requested, place } = await open();

  await jumpTo(feed, place, "2019-10");

  expect([place.target.value, requested]).toEqual(["2019-10", ["desc null"]]);
});

it("another month is loaded", async () => {
  const { feed, requested, place } = await open();

  await jumpTo(feed, place, "2019-02");

  expect([place.target.value, requested.slice(1)]).toEqual(["2019-02", ["desc 2019-02", "asc 2019-03"]]);
});

it("photos whose dates can't be right are at the end", async () => {
  const { feed, requested, place } = await open();

  await jumpTo(feed, place, "");

  expect([place.target.value, requested.slice(1)]).toEqual(["impossible", ["asc null"]]);
});
