// The shapes of the files that were just uploaded. PixTag knows the shape of an image only when its tags are found.

import { signal } from "@preact/signals";

/** Pixels of an upright picture. */
export interface Shape {
  readonly width: number;
  readonly height: number;
}

/** By image id. */
export const localShapes = signal<ReadonlyMap<string, Shape>>(new Map());
