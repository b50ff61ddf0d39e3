// Drag-select: a rectangle drawn with the mouse selects the photos that it touches.

import type { ImageSummary } from "../schemas";
import { layOutList } from "./layout";
import { followDrag, within } from "./pointer-drag";
import type { Layout } from "./rows";
import { type Rectangle, type Selection, tilesIn } from "./selection";

/**
 * Follow the pointer from `start` and add the photos in the rectangle to the selection.
 *
 * The returned function ends the drag; more calls of it do nothing.
 */
export function startDragSelect(
  start: PointerEvent,
  holder: HTMLElement,
  selection: Selection,
  draw: (rectangle: Rectangle | null) => void,
): () => void {
  const base = selection.loaded();
  const origin = within(holder, start);
  let images: readonly ImageSummary[] = [];
  let layout: Layout = { sections: [], rows: [], height: 0 };

  return followDrag(start, {
    onMove: (pointer) => {
      const rectangle = between(origin, within(holder, pointer));
      draw(rectangle);
      // The list may have grown while the page scrolled.
      if (images !== selection.feed.images.peek()) {
        images = selection.feed.images.peek();
        layout = layOutList(images, selection.feed.order.peek(), holder.clientWidth);
      }
      selection.add(
        base,
        tilesIn(layout, rectangle).map((index) => images[index]?.id ?? ""),
      );
    },
    onEnd: () => draw(null),
  });
}

function between(
  a: { readonly x: number; readonly y: number },
  b: { readonly x: number; readonly y: number },
): Rectangle {
  return { left: Math.min(a.x, b.x), top: Math.min(a.y, b.y), right: Math.max(a.x, b.x), bottom: Math.max(a.y, b.y) };
}
