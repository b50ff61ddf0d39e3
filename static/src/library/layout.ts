// The layout of a list for a width: its groups and their rows. Uploaded files have their shapes at once.

import type { ImageSummary } from "../schemas";
import { groupImages } from "./groups";
import { localShapes } from "./local-shapes";
import type { Order } from "./order-key";
import { type Layout, layOut, measuresFor } from "./rows";

export function layOutList(images: readonly ImageSummary[], order: Order, width: number): Layout {
  const shapes = localShapes.value;
  const shaped = shapes.size
    ? images.map((image) => (image.width ? image : { ...image, ...shapes.get(image.id) }))
    : images;
  return layOut(shaped, measuresFor(width), groupImages(images, order));
}
