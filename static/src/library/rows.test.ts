import { describe, expect, it } from "vitest";
import type { Group } from "./groups";
import { aspect, layOut, neighbour, rowOf, rowsBetween, type Sized, sectionsBetween } from "./rows";

const MEASURES = { width: 1000, target: 200, gap: 10, heading: 40 };

function images(count: number, width = 400, height = 300): Sized[] {
  return Array.from({ length: count }, (_, index) => ({ id: String(index), width, height }));
}

/** Return the groups of images with these numbers. */
function groups(...counts: number[]): Group[] {
  const ends = counts.map((_, index) => counts.slice(0, index + 1).reduce((sum, count) => sum + count));
  return ends.map((end, index) => {
    const key = String(index);
    return { key, heading: key, note: "", first: ends[index - 1] ?? 0, end };
  });
}

const layout = (list: readonly Sized[], width = 1000) => layOut(list, { ...MEASURES, width }, groups(list.length));

/** Arrange images, and return how often their widths were read. */
function countReads(count: number): number {
  let reads = 0;
  const counted = images(count).map((image) => ({
    ...image,
    get width() {
      reads += 1;
      return image.width;
    },
  }));
  layout(counted);
  return reads;
}

describe("rows", () => {
  it("fill the width exactly, whatever the images", () => {
    const shapes = Array.from({ length: 200 }, (_, index) => ({
      id: String(index),
      width: 100 + ((index * 37) % 400),
      height: 100 + ((index * 53) % 300),
    }));

    const full = layout(shapes).rows.slice(0, -1);

    expect(full.length).toBeGreaterThan(20);
    for (const { tiles, height } of full) {
      const last = tiles.at(-1);
      expect((last?.left ?? 0) + (last?.width ?? 0)).toBeCloseTo(1000);
      expect(height).toBeGreaterThan(120);
      expect(height).toBeLessThan(280);
    }
  });

  it("keep the aspect ratios of their images", () => {
    for (const { tiles, height } of layout(images(9)).rows) {
      for (const { width } of tiles) {
        expect(width / height).toBeCloseTo(4 / 3);
      }
    }
  });

  it("end before an image that would make them too low", () => {
    const { rows } = layout([...images(3), ...images(1, 900, 300)]);

    expect(rows.map(({ tiles }) => tiles.length)).toEqual([3, 1]);
  });

  it("keep the preferred height when the last one is not full", () => {
    const { rows } = layout(images(5));

    expect(rows.map(({ tiles }) => tiles.length)).toEqual([4, 1]);
    expect(rows.at(-1)?.height).toBe(200);
  });

  it("are below the headings of their groups and never mix groups", () => {
    const { sections, rows, height } = layOut(images(5), MEASURES, groups(3, 2));

    expect(rows.map(({ first, top }) => [first, top])).toEqual([
      [0, 40],
      [3, (sections[1]?.top ?? 0) + 40],
    ]);
    expect(sections.map(({ group }) => group.heading)).toEqual(["0", "1"]);
    expect(sections[1]?.top).toBe(sections[0]?.height);
    expect(height).toBe((rows.at(-1)?.top ?? 0) + 200 + 10);
  });

  it("don't overlap", () => {
    const { rows } = layout(images(100));

    for (const [index, row] of rows.entries()) {
      expect(row.top).toBeGreaterThanOrEqual(index ? (rows[index - 1]?.top ?? 0) + (rows[index - 1]?.height ?? 0) : 0);
    }
  });

  it("are empty without a width", () => {
    expect(layout(images(3), 0)).toEqual({ sections: [], rows: [], height: 0 });
  });

  it("need work in proportion to the number of images", () => {
    expect(countReads(10_000)).toBeLessThan(11 * countReads(1_000));
  });
});

describe("the aspect ratio of an image", () => {
  it.each([
    [400, 300, 4 / 3],
    [0, 0, 4 / 3],
    [50_000, 1, 3],
    [1, 50_000, 0.5],
  ])("of %i x %i is %f", (width, height, expected) => {
    expect(aspect({ width, height })).toBe(expected);
  });
});

describe("the rows between two heights", () => {
  it("are those that overlap them, and no others", () => {
    const all = layout(images(100));
    const shown = rowsBetween(all, 500, 900);

    expect(shown).toEqual(all.rows.filter(({ top, height }) => top + height > 500 && top < 900));
    expect(shown.length).toBeLessThan(5);
  });

  it("are in the sections that overlap them", () => {
    const all = layOut(images(100), MEASURES, groups(50, 20, 30));
    const [, second] = all.sections;

    expect(sectionsBetween(all, second?.top ?? 0, (second?.top ?? 0) + 1)).toEqual([second]);
  });
});

describe("the image above or below", () => {
  const two = layOut(images(9), MEASURES, groups(6, 3));

  it("is the one with the nearest middle, also across a heading", () => {
    expect(neighbour(two, 1, 1)).toBe(5);
    expect(neighbour(two, 4, -1)).toBe(0);
    expect(neighbour(two, 5, 1)).toBe(7);
  });

  it("is the same image at the edge, and for an unknown index", () => {
    expect(neighbour(two, 2, -1)).toBe(2);
    expect(neighbour(two, 8, 1)).toBe(8);
    expect(neighbour(two, 99, 1)).toBe(99);
  });

  it("is in a row that can be found", () => {
    expect(rowOf(two, 5)?.first).toBe(4);
    expect(rowOf(two, 99)).toBeUndefined();
  });
});
