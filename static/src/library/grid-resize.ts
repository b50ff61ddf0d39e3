// Changes the size of a grid's photos with keys and with two fingers. The photo at the focus or the fingers stays there.

import { batch } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect } from "preact/hooks";
import { useShortcuts } from "../ui/shortcuts";
import { photoSize, setPhotoSize } from "./density";
import type { GridPlace } from "./grid-place";
import type { Held } from "./touch-pinch";

const TOUCH = "(any-pointer: coarse)";

/** Let people change the size of the photos in a grid. */
export function useResize(ref: RefObject<HTMLElement | null>, place: GridPlace): void {
  const resizeAtFocus = (by: 1 | -1) => {
    const tile = ref.current?.contains(document.activeElement) && document.activeElement?.closest<HTMLElement>(".tile");
    const { top = 0, height = 0 } = tile ? tile.getBoundingClientRect() : {};
    resize(place, photoSize.peek() + by, tile ? { id: tile.dataset["id"] ?? "", share: 0.5 } : null, top + height / 2);
  };
  useShortcuts([
    { key: "+", run: () => resizeAtFocus(1) },
    { key: "-", run: () => resizeAtFocus(-1) },
  ]);
  useEffect(() => {
    let stop = () => {};
    let isGone = false;
    const start = async () => {
      const { startPinch } = await import("./touch-pinch");
      if (ref.current && !isGone) {
        stop = startPinch(ref.current, (size, held, y) => resize(place, size, held, y));
      }
    };
    if (matchMedia(TOUCH).matches) {
      void start().catch(() => {}); // without it, there are buttons
    }
    return () => {
      isGone = true;
      stop();
    };
  }, [ref, place]);
}

/** Change the size, and keep a point of a photo at a distance of `y` CSS pixels from the window's top. */
function resize(place: GridPlace, size: number, held: Held | null, y: number): void {
  const before = photoSize.peek();
  batch(() => {
    setPhotoSize(size);
    if (held && photoSize.peek() !== before) {
      place.targetTop = y;
      place.targetShare = held.share;
      place.target.value = held.id;
    }
  });
}
