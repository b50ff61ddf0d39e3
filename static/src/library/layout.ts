// The layout of a list for a width: its groups and their rows. Uploaded files have their shapes at once.

import type { ImageSummary } from "../schemas";
import { photoSize } from "./density";
import { groupImages } from "./groups";
import { localShapes } from "./local-shapes";
import type { Order } from "./order-key";
import { scaleOf } from "./photo-size";
import { type Layout, layOut, type Measures, measuresFor } from "./rows";

/** Return the sizes of rows and gaps for a width, with photos of the chosen size. */
export function currentMeasures(width: number): Measures {
  return measuresFor(width, scaleOf(photoSize.value));
}

export function layOutList(images: readonly ImageSummary[], order: Order, width: number): Layout {
  const shapes = localShapes.value;
  const shaped = shapes.size
    ? images.map((image) => (image.width ? image : { ...image, ...shapes.get(image.id) }))
    : images;
  return layOut(shaped, currentMeasures(width), groupImages(images, order));
}
