import { describe, expect, it } from "vitest";
import { apart, exceedsPreview, fitting, isZoomed, onStage, panned, zoomed } from "./geometry";

const image = { width: 4000, height: 2000 };
const stage = { width: 1000, height: 800 };
const whole = fitting(image, stage);

describe("a photograph", () => {
  it("fits the stage, in its middle", () => {
    expect(whole).toEqual({ scale: 0.25, x: 0, y: 150 });
    expect(isZoomed(whole, image, stage)).toBe(false);
  });

  it("that is small is enlarged no more than twice", () => {
    expect(fitting({ width: 100, height: 100 }, stage)).toEqual({ scale: 2, x: 400, y: 300 });
  });

  it("stays under the pointer while it is zoomed", () => {
    const at = { x: 600, y: 420 };
    const before = { x: (at.x - whole.x) / whole.scale, y: (at.y - whole.y) / whole.scale };

    const near = zoomed(whole, 4, at, image, stage);

    expect((at.x - near.x) / near.scale).toBeCloseTo(before.x);
    expect((at.y - near.y) / near.scale).toBeCloseTo(before.y);
    expect(isZoomed(near, image, stage)).toBe(true);
  });

  it("can be neither lost nor shrunk", () => {
    expect(zoomed(whole, 0.1, { x: 0, y: 0 }, image, stage)).toEqual(whole);
    expect(zoomed(whole, 1000, { x: 0, y: 0 }, image, stage).scale).toBe(8);
  });

  it("is moved as far as its edges", () => {
    const near = zoomed(whole, 4, { x: 500, y: 400 }, image, stage);

    expect(panned(near, { x: 9999, y: 9999 }, image, stage)).toMatchObject({ x: 0, y: 0 });
    expect(panned(near, { x: -9999, y: -9999 }, image, stage)).toMatchObject({ x: -3000, y: -1200 });
    expect(panned(whole, { x: 50, y: 50 }, image, stage)).toEqual(whole);
  });

  it("needs its original only where the preview has too few pixels", () => {
    expect(exceedsPreview({ scale: 0.4, x: 0, y: 0 }, image, 1)).toBe(false);
    expect(exceedsPreview({ scale: 0.41, x: 0, y: 0 }, image, 1)).toBe(true);
    expect(exceedsPreview({ scale: 0.25, x: 0, y: 0 }, image, 2)).toBe(true);
    expect(exceedsPreview({ scale: 8, x: 0, y: 0 }, { width: 1600, height: 900 }, 2)).toBe(false);
  });
});

it("a box lies over what it is about, however near one is", () => {
  const box = { x1: 1000, y1: 500, x2: 3000, y2: 1500 };

  expect(onStage(box, whole)).toEqual({ x: 250, y: 275, width: 500, height: 250 });
  expect(onStage(box, { scale: 1, x: -1500, y: -600 })).toEqual({ x: -500, y: -100, width: 2000, height: 1000 });
});

describe("words at boxes", () => {
  it("stand where they want to while there is room", () => {
    const words = [
      { x: 0, y: 100, width: 80 },
      { x: 80, y: 100, width: 80 },
      { x: 0, y: 120, width: 80 },
    ];

    expect(apart(words, 20)).toEqual(words);
  });

  it("make way, the later for the earlier, until none covers another", () => {
    const words = [100, 105, 95, 130].map((y) => ({ x: 10, y, width: 80 }));

    expect(apart(words, 20).map(({ y }) => y)).toEqual([100, 120, 140, 160]);
  });
});
