// Where a photograph lies on the stage, and where a place of it is then. Pure; lengths are CSS pixels.

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** CSS pixels per pixel of the original, and where the photograph's top left corner lies on the stage. */
export interface View extends Point {
  readonly scale: number;
}

/** Edges, in pixels of the original. */
export interface Edges {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

const PREVIEW_PIXELS = 1600;
const MOST_FIT = 2; // a small photograph is enlarged so much at most, to fill the stage
const CLOSEST = 8; // how far one can go in, from where the photograph fits or from its own pixels
const NEARLY = 1.001;

/** All of the photograph, in the middle of the stage. */
export function fitting(image: Size, stage: Size): View {
  const scale = Math.min(stage.width / image.width, stage.height / image.height, MOST_FIT);
  return settled({ scale, x: 0, y: 0 }, image, stage);
}

/** Nearer by a factor, while what is under a point of the stage stays there if it can. */
export function zoomed(view: View, factor: number, at: Point, image: Size, stage: Size): View {
  const least = fitting(image, stage).scale;
  const scale = Math.min(Math.max(view.scale * factor, least), Math.max(1, least) * CLOSEST);
  const ratio = scale / view.scale;
  return settled({ scale, x: at.x - (at.x - view.x) * ratio, y: at.y - (at.y - view.y) * ratio }, image, stage);
}

/** Moved by so much, but not off the stage. */
export function panned(view: View, by: Point, image: Size, stage: Size): View {
  return settled({ ...view, x: view.x + by.x, y: view.y + by.y }, image, stage);
}

/** In the middle where the photograph is smaller than the stage; without a gap at the edge where it is larger. */
function settled({ scale, x, y }: View, image: Size, stage: Size): View {
  const along = (start: number, length: number, room: number) =>
    length <= room ? (room - length) / 2 : Math.min(0, Math.max(room - length, start));
  return {
    scale,
    x: along(x, image.width * scale, stage.width),
    y: along(y, image.height * scale, stage.height),
  };
}

export function isZoomed(view: View, image: Size, stage: Size): boolean {
  return view.scale > fitting(image, stage).scale * NEARLY;
}

/** Whether the screen has more pixels for the photograph than its preview has. */
export function exceedsPreview(view: View, image: Size, pixelRatio: number): boolean {
  const share = PREVIEW_PIXELS / Math.max(image.width, image.height);
  return share < 1 && view.scale * pixelRatio > share * NEARLY;
}

/** Where a box lies on the stage. */
export function onStage({ x1, y1, x2, y2 }: Edges, { scale, x, y }: View): Point & Size {
  return { x: x + x1 * scale, y: y + y1 * scale, width: (x2 - x1) * scale, height: (y2 - y1) * scale };
}

/** Where the words at a box stand: from where, and how far to the right. */
export interface Words extends Point {
  readonly width: number;
}

/** The words in their order, each as much lower as it takes for none to cover another. */
export function apart<Placed extends Words>(words: readonly Placed[], height: number): readonly Placed[] {
  const placed: Placed[] = [];
  for (const wanted of words) {
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
