// Two fingers on the grid make its photos larger or smaller.

import { photoSize } from "./density";
import { pinchedSize } from "./photo-size";

/** A point of a photo. */
export interface Held {
  readonly id: string;
  /** The part of the photo above the point, from 0 to 1. */
  readonly share: number;
}

/** Shows the photos in a size. A point of a photo stays at a distance of `y` CSS pixels from the window's top. */
type Resize = (size: number, held: Held | null, y: number) => void;

interface Pair {
  /** CSS pixels between the fingers. */
  readonly apart: number;
  /** The point between them. */
  readonly x: number;
  readonly y: number;
}

/** Resize the photos in an element by pinches. Return a function that stops this. */
export function startPinch(holder: HTMLElement, resize: Resize): () => void {
  let end = () => {};
  const listening = new AbortController();
  const begin = (event: TouchEvent) => {
    end();
    // While the page is zoomed, two fingers are for the browser, so that people can zoom out again.
    if (event.touches.length === 2 && (visualViewport?.scale ?? 1) <= 1) {
      end = followPair(event, holder, resize);
    }
  };
  holder.addEventListener("touchstart", begin, { passive: true, signal: listening.signal });
  // With this listener, the browser waits for the listeners of `followPair` before it zooms.
  holder.addEventListener("touchmove", () => {}, { passive: false, signal: listening.signal });
  return () => {
    end();
    listening.abort();
  };
}

/**
 * Follow two fingers until one of them is lifted.
 *
 * The listeners are on the touched elements. They get all events of their touches, also after the grid has removed them.
 */
function followPair(start: TouchEvent, holder: HTMLElement, resize: Resize): () => void {
  const targets = [...start.touches].map(({ target }) => target as HTMLElement);
  const first = pairOf(start);
  if (!(first && targets.every((target) => holder.contains(target)))) {
    return () => {};
  }
  const held = photoAt(first);
  const size = photoSize.peek();
  const listening = new AbortController();
  const move = (event: TouchEvent) => {
    const pair = pairOf(event);
    if (!(pair && event.cancelable)) {
      listening.abort(); // the page scrolls, or another finger came
      return;
    }
    event.preventDefault(); // don't zoom the page
    const wanted = pinchedSize(size, photoSize.peek(), pair.apart / first.apart);
    if (wanted !== photoSize.peek()) {
      resize(wanted, held, pair.y);
    }
  };
  for (const target of targets) {
    target.addEventListener("touchmove", move, { passive: false, signal: listening.signal });
    for (const ending of ["touchend", "touchcancel"]) {
      target.addEventListener(ending, () => listening.abort(), { signal: listening.signal });
    }
  }
  return () => listening.abort();
}

function pairOf({ touches }: TouchEvent): Pair | null {
  const [a, b] = touches;
  if (!(a && b) || touches.length > 2) {
    return null;
  }
  return {
    apart: Math.max(1, Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY)),
    x: (a.clientX + b.clientX) / 2,
    y: (a.clientY + b.clientY) / 2,
  };
}

/** Return the photo at the point between the fingers; null if there is none. */
function photoAt({ x, y }: Pair): Held | null {
  const tile = document.elementFromPoint(x, y)?.closest<HTMLElement>(".tile");
  const { top = 0, height = 1 } = tile ? tile.getBoundingClientRect() : {};
  return tile ? { id: tile.dataset["id"] ?? "", share: (y - top) / height } : null;
}
