// The shape of a picture file.

import type { Shape } from "../library/local-shapes";
import { HEADER_BYTES, readPicture } from "./picture-limits";

/** Return the width and height of the upright picture; null if they are unknown. */
export async function readShape(file: File): Promise<Shape | null> {
  return (await drawnShape(file)) ?? (await headerShape(file));
}

/** The browser reads the shape without decoding the picture, and follows its EXIF orientation. */
async function drawnShape(file: File): Promise<Shape | null> {
  const url = URL.createObjectURL(file);
  const picture = new Image();
  const shape = await new Promise<Shape | null>((resolve) => {
    picture.onload = () => resolve({ width: picture.naturalWidth, height: picture.naturalHeight });
    picture.onerror = () => resolve(null);
    picture.src = url;
  });
  URL.revokeObjectURL(url);
  return shape;
}

async function headerShape(file: File): Promise<Shape | null> {
  const bytes = await file
    .slice(0, HEADER_BYTES)
    .arrayBuffer()
    .catch(() => new ArrayBuffer());
  return readPicture(new Uint8Array(bytes));
}
