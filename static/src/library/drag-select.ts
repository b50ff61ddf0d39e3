// Drag-select: a rectangle drawn with the mouse selects the photos that it touches.

import type { ImageSummary } from "../schemas";
import { layOutList } from "./layout";
import type { Layout } from "./rows";
import { type Rectangle, type Selection, tilesIn } from "./selection";
import { isRightToLeft } from "./text-direction";

const DRAG_PIXELS = 6; // a shorter move is a click
export const EDGE_PIXELS = 72; // the page scrolls while the pointer is this near the window's edge
const SCROLL_PIXELS = 14; // per frame

interface Pointer {
  readonly clientX: number;
  readonly clientY: number;
}

/**
 * Follow the pointer from `start` and add the photos in the rectangle to the selection.
 *
 * The drag ends when the button is released or the pointer is cancelled.
 * The returned function ends it early; more calls of it do nothing.
 */
export function startDragSelect(
  start: PointerEvent,
  holder: HTMLElement,
  selection: Selection,
  draw: (rectangle: Rectangle | null) => void,
): () => void {
  const base = selection.loaded();
  const origin = within(holder, start);
  const listening = new AbortController();
  const options = { signal: listening.signal };
  let images: readonly ImageSummary[] = [];
  let layout: Layout = { sections: [], rows: [], height: 0 };
  let pointer: Pointer = start;
  let frame = 0;

  const apply = () => {
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
  };
  const step = () => {
    scrollNearEdge(pointer);
    apply();
    frame = requestAnimationFrame(step);
  };
  const end = () => {
    listening.abort();
    if (frame) {
      cancelAnimationFrame(frame);
      frame = 0;
      draw(null);
    }
  };
  const release = () => {
    if (frame) {
      apply(); // up to the point of release
      swallowClick();
    }
    end();
  };
  const move = (event: PointerEvent) => {
    if (!(event.buttons & 1)) {
      end(); // the button was released where the browser did not report it
      return;
    }
    pointer = event;
    if (!frame && Math.hypot(event.clientX - start.clientX, event.clientY - start.clientY) > DRAG_PIXELS) {
      step();
    }
  };
  addEventListener("pointermove", move, options);
  addEventListener("pointerup", release, options);
  addEventListener("pointercancel", end, options);
  return end;
}

/** Scroll the page by a step while a pointer is near the upper or lower edge of the window. */
export function scrollNearEdge({ clientY }: Pick<Pointer, "clientY">): void {
  const beyondEdge = Math.min(clientY - EDGE_PIXELS, 0) || Math.max(clientY - innerHeight + EDGE_PIXELS, 0);
  scrollBy(0, Math.sign(beyondEdge) * SCROLL_PIXELS);
}

/** The browser sends a click after the release of a drag; it must not open or select a photo. */
function swallowClick(): void {
  const swallow = (event: Event) => {
    event.preventDefault();
    event.stopPropagation();
  };
  addEventListener("click", swallow, { capture: true });
  setTimeout(() => removeEventListener("click", swallow, { capture: true }));
}

function between(
  a: { readonly x: number; readonly y: number },
  b: { readonly x: number; readonly y: number },
): Rectangle {
  return { left: Math.min(a.x, b.x), top: Math.min(a.y, b.y), right: Math.max(a.x, b.x), bottom: Math.max(a.y, b.y) };
}

/** The pointer's place in CSS pixels from the holder's top left corner; from the top right one if text runs to the left. */
function within(holder: HTMLElement, { clientX, clientY }: Pointer) {
  const { left, right, top } = holder.getBoundingClientRect();
  return { x: isRightToLeft() ? right - clientX : clientX - left, y: clientY - top };
}
