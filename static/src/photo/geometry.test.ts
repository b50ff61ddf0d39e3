import { describe, expect, it } from "vitest";
import { exceedsPreview, fitView, isZoomed, panView, spreadLabels, toStage, zoomView } from "./geometry";

const image = { width: 4000, height: 2000 };
const stage = { width: 1000, height: 800 };
const whole = fitView(image, stage);

describe("a photo", () => {
  it("fits into the middle of the stage", () => {
    expect(whole).toEqual({ scale: 0.25, x: 0, y: 150 });
    expect(isZoomed(whole, image, stage)).toBe(false);
  });

  it("is not enlarged to fit", () => {
    expect(fitView({ width: 100, height: 100 }, stage)).toEqual({ scale: 1, x: 450, y: 350 });
  });

  it("stays under the pointer while zooming", () => {
    const at = { x: 600, y: 420 };
    const before = { x: (at.x - whole.x) / whole.scale, y: (at.y - whole.y) / whole.scale };

    const near = zoomView(whole, 4, at, image, stage);

    expect((at.x - near.x) / near.scale).toBeCloseTo(before.x);
    expect((at.y - near.y) / near.scale).toBeCloseTo(before.y);
    expect(isZoomed(near, image, stage)).toBe(true);
  });

  it("has limits of zoom", () => {
    expect(zoomView(whole, 0.1, { x: 0, y: 0 }, image, stage)).toEqual(whole);
    expect(zoomView(whole, 1000, { x: 0, y: 0 }, image, stage).scale).toBe(8);
  });

  it("is moved at most to its edges", () => {
    const near = zoomView(whole, 4, { x: 500, y: 400 }, image, stage);

    expect(panView(near, { x: 9999, y: 9999 }, image, stage)).toMatchObject({ x: 0, y: 0 });
    expect(panView(near, { x: -9999, y: -9999 }, image, stage)).toMatchObject({ x: -3000, y: -1200 });
    expect(panView(whole, { x: 50, y: 50 }, image, stage)).toEqual(whole);
  });

  it("needs its original only if the preview has too few pixels", () => {
    expect(exceedsPreview({ scale: 0.4, x: 0, y: 0 }, image, 1)).toBe(false);
    expect(exceedsPreview({ scale: 0.41, x: 0, y: 0 }, image, 1)).toBe(true);
    expect(exceedsPreview({ scale: 0.25, x: 0, y: 0 }, image, 2)).toBe(true);
    expect(exceedsPreview({ scale: 8, x: 0, y: 0 }, { width: 1600, height: 900 }, 2)).toBe(false);
  });
});

it("a box keeps its place on the photo at every zoom", () => {
  const box = { x1: 1000, y1: 500, x2: 3000, y2: 1500 };

  expect(toStage(box, whole)).toEqual({ x: 250, y: 275, width: 500, height: 250 });
  expect(toStage(box, { scale: 1, x: -1500, y: -600 })).toEqual({ x: -500, y: -100, width: 2000, height: 1000 });
});

describe("labels of boxes", () => {
  it("stay in place while there is room", () => {
    const labels = [
      { x: 0, y: 100, width: 80 },
      { x: 80, y: 100, width: 80 },
      { x: 0, y: 120, width: 80 },
    ];

    expect(spreadLabels(labels, 20)).toEqual(labels);
  });

  it("move down until none covers another", () => {
    const labels = [100, 105, 95, 130].map((y) => ({ x: 10, y, width: 80 }));

    expect(spreadLabels(labels, 20).map(({ y }) => y)).toEqual([100, 120, 140, 160]);
  });
});
