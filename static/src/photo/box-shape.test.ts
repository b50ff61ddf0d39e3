import { describe, expect, it } from "vitest";
import { boxBetween, boxInMiddle, isSameBox, moveBox, moveEdges } from "./box-shape";

const IMAGE = { width: 400, height: 300 };
const VIEW = { scale: 2, x: 10, y: 20 };
const BOX = { x1: 100, y1: 50, x2: 200, y2: 150 };

describe("boxBetween", () => {
  it("is the same in every direction", () => {
    const box = { x1: 20, y1: 15, x2: 45, y2: 40 };
    expect(boxBetween({ x: 50, y: 50 }, { x: 100, y: 100 }, VIEW, IMAGE)).toEqual(box);
    expect(boxBetween({ x: 100, y: 50 }, { x: 50, y: 100 }, VIEW, IMAGE)).toEqual(box);
  });

  it("ends at the edges of the image", () => {
    expect(boxBetween({ x: -50, y: -50 }, { x: 5000, y: 5000 }, VIEW, IMAGE)).toEqual({
      x1: 0,
      y1: 0,
      x2: 400,
      y2: 300,
    });
  });
});

it("boxInMiddle covers half of the visible width and height", () => {
  const stage = { width: 1000, height: 1000 };
  expect(boxInMiddle(VIEW, stage, IMAGE)).toEqual({ x1: 100, y1: 75, x2: 300, y2: 225 });
  const zoomed = { scale: 10, x: -1000, y: 0 };
  expect(boxInMiddle(zoomed, stage, IMAGE)).toEqual({ x1: 125, y1: 25, x2: 175, y2: 75 });
});

describe("moveEdges", () => {
  it("moves a corner", () => {
    expect(moveEdges(BOX, ["left", "bottom"], { x: -10, y: 20 }, IMAGE)).toEqual({ ...BOX, x1: 90, y2: 170 });
  });

  it("keeps the box in the image and larger than nothing", () => {
    expect(moveEdges(BOX, ["left", "top"], { x: -500, y: -500 }, IMAGE)).toEqual({ ...BOX, x1: 0, y1: 0 });
    expect(moveEdges(BOX, ["right", "bottom"], { x: 500, y: 500 }, IMAGE)).toEqual({ ...BOX, x2: 400, y2: 300 });
    expect(moveEdges(BOX, ["left"], { x: 500, y: 0 }, IMAGE)).toEqual({ ...BOX, x1: 196 });
    expect(moveEdges(BOX, ["bottom"], { x: 0, y: -500 }, IMAGE)).toEqual({ ...BOX, y2: 54 });
  });
});

it("moveBox keeps the size and the box in the image", () => {
  expect(moveBox(BOX, { x: 30, y: -20 }, IMAGE)).toEqual({ x1: 130, y1: 30, x2: 230, y2: 130 });
  expect(moveBox(BOX, { x: 900, y: -900 }, IMAGE)).toEqual({ x1: 300, y1: 0, x2: 400, y2: 100 });
});

it("isSameBox ignores less than a tenth of a pixel", () => {
  expect(isSameBox(BOX, { ...BOX, x1: 100.04 })).toBe(true);
  expect(isSameBox(BOX, { ...BOX, y2: 150.2 })).toBe(false);
});
