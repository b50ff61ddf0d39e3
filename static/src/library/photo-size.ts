// The sizes of photos in the grids, as steps from the usual size. Pure.

export const SMALLEST = -2;
export const LARGEST = 4;

const RATIO = 1.25; // of a size to the next smaller one
const STICKINESS = 0.6; // of a step; more than a half, so that trembling fingers don't switch between two sizes

/** Return the factor by which the photos of a size are larger than usual. */
export function scaleOf(size: number): number {
  return RATIO ** size;
}

/** Return the nearest size that exists; the usual one for other texts and numbers. */
export function toSize(value: string | number | null): number {
  const size = Math.round(Number(value ?? 0));
  return Number.isFinite(size) ? Math.min(LARGEST, Math.max(SMALLEST, size)) : 0;
}

/**
 * Return the size while two fingers are apart by `spread` times their first distance.
 *
 * `start` is the size when they touched the screen, and `shown` the current one.
 */
export function pinchedSize(start: number, shown: number, spread: number): number {
  const exact = start + Math.log(spread) / Math.log(RATIO);
  return Math.abs(exact - shown) > STICKINESS ? toSize(exact) : shown;
}
