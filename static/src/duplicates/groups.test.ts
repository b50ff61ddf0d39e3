import { expect, it } from "vitest";
import { testImage } from "../library/test-image";
import { addImages, compareQuality, findReason, type Group, idsToMove, keptOf, toGroup, withoutImages } from "./groups";

const LARGE = testImage("c", { width: 40, height: 30 });
const HEAVY = testImage("b", { size: 9 });
const FIRST = testImage("a");
const LATER = testImage("d");
const DAMAGED = testImage("0", { width: 400, height: 300, damage: "Damaged." });

function group(id: string, ...images: Group["images"]): Group {
  return { id, images, cursor: null };
}

function idsOf(groups: readonly Group[]): string[][] {
  return groups.map(({ images }) => images.map(({ id }) => id));
}

it("intact photos, pixels, bytes and earlier uploads decide, in this order", () => {
  expect([LATER, DAMAGED, FIRST, HEAVY, LARGE].sort(compareQuality)).toEqual([LARGE, HEAVY, FIRST, LATER, DAMAGED]);
  expect(compareQuality(FIRST, FIRST)).toBe(0);
});

it.each([
  ["intact", LATER, DAMAGED],
  ["pixels", LARGE, HEAVY],
  ["size", HEAVY, FIRST],
  ["earlier", FIRST, LATER],
])("the reason is %s", (reason, best, second) => {
  expect(findReason(best, second)).toBe(reason);
});

it("more images of a group follow the one with the lowest id", () => {
  expect(toGroup({ id: "g", images: [LARGE, FIRST, LATER], more: true }).cursor).toBe("a");
  expect(toGroup({ id: "g", images: [LARGE, FIRST], more: false }).cursor).toBeNull();
});

it("a page of images is sorted into a group, each image once", () => {
  const longer = addImages({ ...group("g", LATER), cursor: "d" }, [LATER, FIRST, LARGE], "a");

  expect(idsOf([longer])).toEqual([["c", "a", "d"]]);
  expect(longer.cursor).toBe("a");
});

it("groups of one image are left out if no more images follow", () => {
  const groups = [group("1", LARGE, FIRST), group("2", HEAVY, LATER), { ...group("3", DAMAGED), cursor: "0" }];

  expect(idsOf(withoutImages(groups, new Set(["c"])))).toEqual([["b", "d"], ["0"]]);
  expect(idsOf(withoutImages(groups, new Set(["0"])))).toEqual([
    ["c", "a"],
    ["b", "d"],
  ]);
});

it("the best image is kept, or the chosen one while it is in the group", () => {
  const pair = group("g", LARGE, FIRST);

  expect(keptOf(pair, new Map())).toBe(LARGE);
  expect(keptOf(pair, new Map([["g", "a"]]))).toBe(FIRST);
  expect(keptOf(pair, new Map([["g", "gone"]]))).toBe(LARGE);
  expect(idsToMove([pair, group("h", HEAVY, LATER)], new Map([["g", "a"]]))).toEqual(["c", "d"]);
});
