// How large a picture is shown to PixTag. Pure.

/** As much as one request takes; larger pictures are made smaller first. */
export const MAX_BYTES = 4 * 2 ** 20;
const LONG_SIDE = 1600; // of the previews, too: objects are looked for on less

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The size within a long side of 1600 pixels; never enlarged, never nothing. */
export function fitted({ width, height }: Size): Size {
  const scale = Math.min(1, LONG_SIDE / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}
