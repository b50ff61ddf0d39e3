// The box that the person draws or changes, until it is saved or cancelled.

import { signal } from "@preact/signals";
import type { Detection } from "../schemas";
import { boxBetween, boxInMiddle } from "./box-shape";
import { type BoundingBox, distance, type Point } from "./geometry";
import type { Viewport } from "./viewport";

const MIN_DRAG_PIXELS = 12; // the diagonal; a shorter drag draws nothing

interface Draft {
  /** The detection that is changed; null for a new box. */
  readonly detection: Detection | null;
  /** Null until the person has drawn it. */
  readonly box: BoundingBox | null;
  /** Whether a drag on the photo draws the box. */
  readonly isDrawing: boolean;
}

export const draft = signal<Draft | null>(null);

/** Let the person draw a new box. */
export function startDrawing(): void {
  draft.value = { detection: null, box: null, isDrawing: true };
}

/** Let the person change a box. */
export function editBox(detection: Detection): void {
  draft.value = { detection, box: detection.box, isDrawing: false };
}

export function cancelDraft(): void {
  draft.value = null;
}

/** Replace the draft's box. */
export function reshape(box: BoundingBox): void {
  if (draft.value) {
    draft.value = { ...draft.value, box };
  }
}

/** Put the new box in the middle of the visible part of the photo. */
export function placeInMiddle(viewport: Viewport): void {
  const [image, view] = [viewport.image.value, viewport.view.value];
  if (image && view && draft.value) {
    draft.value = { ...draft.value, box: boxInMiddle(view, viewport.stage.value, image), isDrawing: false };
  }
}

/** A tool that follows the drags of one finger or the mouse in place of panning. Points are on the stage. */
export interface Pen {
  readonly isActive: () => boolean;
  readonly draw: (from: Point, to: Point) => void;
  /** End a drag. */
  readonly lift: (from: Point, to: Point) => void;
  /** Forget a drag, because a second finger zooms. */
  readonly cancel: () => void;
}

/** Return the pen that draws the draft. */
export function penFor(viewport: Viewport): Pen {
  const setBox = (box: BoundingBox | null, isDrawing = true) => {
    if (draft.value) {
      draft.value = { ...draft.value, box, isDrawing };
    }
  };
  const draw = (from: Point, to: Point, isDrawing = true) => {
    const [image, view] = [viewport.image.value, viewport.view.value];
    if (image && view) {
      setBox(boxBetween(from, to, view, image), isDrawing);
    }
  };
  return {
    isActive: () => draft.value?.isDrawing === true,
    draw,
    lift: (from, to) => (distance(from, to) < MIN_DRAG_PIXELS ? setBox(null) : draw(from, to, false)),
    cancel: () => setBox(null),
  };
}
