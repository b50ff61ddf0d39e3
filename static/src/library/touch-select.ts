// Selection by touch: a long press selects a photo, and a drag from there selects the photos up to the finger.

import { EDGE_PIXELS, scrollNearEdge } from "./pointer-drag";
import { extendTo, NOTHING, type Selection } from "./selection";

const HOLD_MS = 450; // shorter than the long press of browsers, which opens a menu
const STILL_PIXELS = 10; // a longer move scrolls the page

interface Finger {
  readonly clientX: number;
  readonly clientY: number;
}

/** Select photos in an element by long presses. Return a function that stops this. */
export function startTouchSelect(holder: HTMLElement, selection: Selection): () => void {
  let end = () => {};
  const begin = (event: TouchEvent) => {
    end();
    const id = idOf(event.target);
    if (id && event.touches.length === 1 && !(event.target as Element).closest("button")) {
      end = followFinger(event, id, selection);
    }
  };
  const listening = new AbortController();
  holder.addEventListener("touchstart", begin, { passive: true, signal: listening.signal });
  // With this listener, the browser waits for the listeners of `followFinger` before it scrolls.
  holder.addEventListener("touchmove", doNothing, { passive: false, signal: listening.signal });
  return () => {
    end();
    listening.abort();
  };
}

function doNothing(): void {}

/**
 * Follow a finger that has touched a photo. A touch that is no long press changes nothing.
 *
 * The listeners are on the touched element. It gets all events of the touch, also after the grid has removed it.
 * The returned function ends the gesture; more calls of it do nothing.
 */
function followFinger(start: TouchEvent, id: string, selection: Selection): () => void {
  const listening = new AbortController();
  const options = { passive: false, signal: listening.signal };
  const [first] = start.touches;
  let finger: Finger = { clientX: first?.clientX ?? 0, clientY: first?.clientY ?? 0 };
  let frame = 0;

  const hold = () => {
    const base = selection.loaded();
    let last = "";
    const step = () => {
      scrollNearEdge(finger);
      const under = photoAt(finger) ?? last;
      if (under !== last) {
        last = under;
        selection.add(base, rangeOf(selection, id, under));
      }
      frame = requestAnimationFrame(step);
    };
    last = id;
    selection.add(base, [id]);
    step();
  };
  const timer = setTimeout(hold, HOLD_MS);
  const end = () => {
    listening.abort();
    clearTimeout(timer);
    cancelAnimationFrame(frame);
    frame = 0;
  };
  const move = (event: TouchEvent) => {
    const [touch] = event.touches;
    if (!touch || event.touches.length > 1) {
      end();
    } else if (frame) {
      event.preventDefault(); // don't scroll
      finger = touch;
    } else if (Math.hypot(touch.clientX - finger.clientX, touch.clientY - finger.clientY) > STILL_PIXELS) {
      end();
    }
  };
  const lift = (event: TouchEvent) => {
    if (frame) {
      event.preventDefault(); // no click
    }
    end();
  };
  const touched = start.target as HTMLElement;
  touched.addEventListener("touchmove", move, options);
  touched.addEventListener("touchend", lift, options);
  touched.addEventListener("touchcancel", end, options);
  touched.addEventListener("contextmenu", (event) => event.preventDefault(), options);
  addEventListener("blur", end, options);
  return end;
}

/** Return the photo at a finger, also below the bars at the edges, where the page scrolls. */
function photoAt({ clientX, clientY }: Finger): string | undefined {
  const y = Math.min(Math.max(clientY, EDGE_PIXELS), innerHeight - EDGE_PIXELS);
  return document.elementsFromPoint(clientX, y).map(idOf).find(Boolean);
}

function rangeOf({ feed }: Selection, from: string, to: string): readonly string[] {
  const order = feed.images.peek().map(({ id }) => id);
  return [...extendTo({ ...NOTHING, anchor: from }, to, order).ids];
}

function idOf(target: EventTarget | null): string | undefined {
  return (target as Element | null)?.closest?.<HTMLElement>("[data-id]")?.dataset["id"];
}
