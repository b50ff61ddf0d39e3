// A drag of the mouse over a list: the page scrolls while the pointer is near the edge of the window.

import { isRightToLeft } from "./text-direction";

const DRAG_PIXELS = 6; // a shorter move is a click
export const EDGE_PIXELS = 72; // the page scrolls while the pointer is this near the window's edge
const SCROLL_PIXELS = 14; // per frame

export interface Pointer {
  readonly clientX: number;
  readonly clientY: number;
}

interface DragHandlers {
  /** Called in each frame, and at the point of release. */
  readonly onMove: (pointer: Pointer) => void;
  /** Called once if the pointer was dragged. `isReleased`: the drag was not cancelled. */
  readonly onEnd: (isReleased: boolean) => void;
}

/**
 * Follow the pointer from `start`. The drag ends when the button is released or the pointer is cancelled.
 *
 * The returned function ends it early; more calls of it do nothing.
 */
export function followDrag(start: PointerEvent, { onMove, onEnd }: DragHandlers): () => void {
  const listening = new AbortController();
  const options = { signal: listening.signal };
  let pointer: Pointer = start;
  let frame = 0;

  const step = () => {
    scrollNearEdge(pointer);
    onMove(pointer);
    frame = requestAnimationFrame(step);
  };
  const end = (isReleased = false) => {
    listening.abort();
    if (frame) {
      cancelAnimationFrame(frame);
      frame = 0;
      onEnd(isReleased);
    }
  };
  const release = () => {
    if (frame) {
      onMove(pointer);
      swallowClick();
    }
    end(true);
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
  addEventListener("pointercancel", () => end(), options);
  return () => end();
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

/** The pointer's place in CSS pixels from the holder's top left corner; from the top right one if text runs to the left. */
export function within(holder: HTMLElement, { clientX, clientY }: Pointer) {
  const { left, right, top } = holder.getBoundingClientRect();
  return { x: isRightToLeft() ? right - clientX : clientX - left, y: clientY - top };
}
