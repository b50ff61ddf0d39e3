// The layout of a list for a width: its groups and their rows. Pure.

import type { ImageSummary } from "../schemas";
import { groupImages } from "./groups";
import type { Order } from "./order-key";
import { type Layout, layOut, measuresFor } from "./rows";

export function layOutList(images: readonly ImageSummary[], order: Order, width: number): Layout {
  return layOut(images, measuresFor(width), groupImages(images, order));
}
