// A drag that moves the selected photos of an album to another place.

import { layOutList } from "../library/layout";
import { followDrag, within } from "../library/pointer-drag";
import type { Selection } from "../library/selection";
import { type DropPlace, dropPlaceAt } from "./drop-place";

/**
 * Follow the pointer from `start`, and draw the place where the photos would go. Then call `onDrop` with the photo after
 * the place, or null at the end, and with the top of its row in CSS pixels from the top of the window.
 *
 * The returned function ends the drag, and nothing moves.
 */
export function startDragMove(
  start: PointerEvent,
  holder: HTMLElement,
  { feed }: Selection,
  draw: (place: DropPlace | null) => void,
  onDrop: (before: string | null, top: number) => void,
): () => void {
  let place: DropPlace | null = null;
  const cancel = new AbortController();
  const end = followDrag(start, {
    onMove: (pointer) => {
      const layout = layOutList(feed.images.peek(), feed.order.peek(), holder.clientWidth);
      place = dropPlaceAt(layout, within(holder, pointer));
      draw(place);
    },
    onEnd: (isReleased) => {
      cancel.abort();
      draw(null);
      if (isReleased && place) {
        const top = holder.getBoundingClientRect().top + place.top;
        onDrop(feed.images.peek()[place.index]?.id ?? null, top);
      }
    },
  });
  const stop = (event: KeyboardEvent) => {
    if (event.key === "Escape" && place) {
      event.preventDefault(); // the photos stay selected
      end();
    }
  };
  addEventListener("keydown", stop, { capture: true, signal: cancel.signal });
  addEventListener("pointerup", () => cancel.abort(), { signal: cancel.signal });
  return end;
}
