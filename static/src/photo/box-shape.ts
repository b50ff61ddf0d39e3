// Boxes that a person draws, moves and resizes. Pure; lengths are pixels of the original unless named otherwise.

import type { BoundingBox, Point, Size, View } from "./geometry";

export const EDGES = ["left", "top", "right", "bottom"] as const;
export type Edge = (typeof EDGES)[number];

const COORDINATES = { left: "x1", top: "y1", right: "x2", bottom: "y2" } as const;
const MIN_PIXELS = 4;

/** Whether an edge moves to the left and right. */
export function isUpright(edge: Edge): boolean {
  return edge === "left" || edge === "right";
}

/** Return the position of an edge, from the left or the top. */
export function placeOf(box: BoundingBox, edge: Edge): number {
  return box[COORDINATES[edge]];
}

/** Return the box between two points of the stage, cut off at the edges of the image. */
export function boxBetween(a: Point, b: Point, view: View, image: Size): BoundingBox {
  const across = (x: number) => clamp((x - view.x) / view.scale, 0, image.width);
  const down = (y: number) => clamp((y - view.y) / view.scale, 0, image.height);
  return {
    x1: across(Math.min(a.x, b.x)),
    y1: down(Math.min(a.y, b.y)),
    x2: across(Math.max(a.x, b.x)),
    y2: down(Math.max(a.y, b.y)),
  };
}

/** Return a box in the middle of the visible part of an image, half as wide and high. */
export function boxInMiddle(view: View, stage: Size, image: Size): BoundingBox {
  const { x1, y1, x2, y2 } = boxBetween({ x: 0, y: 0 }, { x: stage.width, y: stage.height }, view, image);
  const [width, height] = [(x2 - x1) / 4, (y2 - y1) / 4];
  return { x1: x1 + width, y1: y1 + height, x2: x2 - width, y2: y2 - height };
}

/** Move edges of a box. They stop at the edges of the image, and before the box gets too small. */
export function moveEdges(box: BoundingBox, edges: readonly Edge[], by: Point, image: Size): BoundingBox {
  const moved = { ...box };
  for (const edge of edges) {
    const distance = isUpright(edge) ? by.x : by.y;
    const limits = {
      left: [0, box.x2 - MIN_PIXELS],
      right: [box.x1 + MIN_PIXELS, image.width],
      top: [0, box.y2 - MIN_PIXELS],
      bottom: [box.y1 + MIN_PIXELS, image.height],
    } as const;
    const [low, high] = limits[edge];
    moved[COORDINATES[edge]] = clamp(placeOf(box, edge) + distance, low, high);
  }
  return moved;
}

/** Move a whole box, but not off the image. */
export function moveBox({ x1, y1, x2, y2 }: BoundingBox, by: Point, image: Size): BoundingBox {
  const x = clamp(by.x, -x1, image.width - x2);
  const y = clamp(by.y, -y1, image.height - y2);
  return { x1: x1 + x, y1: y1 + y, x2: x2 + x, y2: y2 + y };
}

/** Whether two boxes are equal in tenths of pixels, as the API stores them. */
export function isSameBox(a: BoundingBox, b: BoundingBox): boolean {
  return EDGES.every((edge) => Math.abs(placeOf(a, edge) - placeOf(b, edge)) < 0.05);
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), Math.max(low, high));
}
