// The position of the photo on the stage, and of points on it. Pure; lengths are CSS pixels.

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** CSS pixels per pixel of the original, and the position of the photo's top left corner on the stage. */
export interface View extends Point {
  readonly scale: number;
}

/** A bounding box, in pixels of the original. */
export interface BoundingBox {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

const PREVIEW_PIXELS = 1600;
const MAX_FIT_SCALE = 1; // a small photo isn't enlarged
const MAX_ZOOM = 8; // relative to the fitting scale or to 100 %, whichever is larger
const TOLERANCE = 1.001;

/** Return the view of the whole photo in the middle of the stage. */
export function fitView(image: Size, stage: Size): View {
  const scale = Math.min(stage.width / image.width, stage.height / image.height, MAX_FIT_SCALE);
  return clampView({ scale, x: 0, y: 0 }, image, stage);
}

/** Zoom by a factor, and keep the point under `at` in place if possible. */
export function zoomView(view: View, factor: number, at: Point, image: Size, stage: Size): View {
  const minScale = fitView(image, stage).scale;
  const scale = Math.min(Math.max(view.scale * factor, minScale), Math.max(1, minScale) * MAX_ZOOM);
  const ratio = scale / view.scale;
  return clampView({ scale, x: at.x - (at.x - view.x) * ratio, y: at.y - (at.y - view.y) * ratio }, image, stage);
}

/** Move the photo, but not off the stage. */
export function panView(view: View, by: Point, image: Size, stage: Size): View {
  return clampView({ ...view, x: view.x + by.x, y: view.y + by.y }, image, stage);
}

/** Centre the photo where it is smaller than the stage, and avoid gaps at the edges where it is larger. */
function clampView({ scale, x, y }: View, image: Size, stage: Size): View {
  const along = (start: number, length: number, room: number) =>
    length <= room ? (room - length) / 2 : Math.min(0, Math.max(room - length, start));
  return {
    scale,
    x: along(x, image.width * scale, stage.width),
    y: along(y, image.height * scale, stage.height),
  };
}

export function isZoomed(view: View, image: Size, stage: Size): boolean {
  return view.scale > fitView(image, stage).scale * TOLERANCE;
}

/** Whether the screen shows the photo with more pixels than its preview has. */
export function exceedsPreview(view: View, image: Size, pixelRatio: number): boolean {
  const share = PREVIEW_PIXELS / Math.max(image.width, image.height);
  return share < 1 && view.scale * pixelRatio > share * TOLERANCE;
}

/** Convert a bounding box to stage coordinates. */
export function toStage({ x1, y1, x2, y2 }: BoundingBox, { scale, x, y }: View): Point & Size {
  return { x: x + x1 * scale, y: y + y1 * scale, width: (x2 - x1) * scale, height: (y2 - y1) * scale };
}

/** The position and the width of a box's label. */
export interface Label extends Point {
  readonly width: number;
}

/** Move labels down, in their order, until none covers another. */
export function spreadLabels<Placed extends Label>(labels: readonly Placed[], height: number): readonly Placed[] {
  const placed: Placed[] = [];
  for (const wanted of labels) {
    let free = wanted;
    const covers = (other: Placed) =>
      other.x < free.x + free.width && free.x < other.x + other.width && Math.abs(other.y - free.y) < height;
    for (let other = placed.find(covers); other; other = placed.find(covers)) {
      free = { ...free, y: other.y + height };
    }
    placed.push(free);
  }
  return placed;
}

export function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

export function middle(a: Point, b: Point): Point {
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
}
