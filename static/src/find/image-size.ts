// The size of the photo in a search by photo. Pure.

/** The API's limit for a request. Larger files are scaled down first. */
export const MAX_BYTES = 4 * 2 ** 20;
const LONG_SIDE = 1600; // as previews; the model's input is smaller

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Scale a size down to a long side of at most 1600 pixels. Both sides are at least 1. */
export function fitSize({ width, height }: Size): Size {
  const scale = Math.min(1, LONG_SIDE / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}
