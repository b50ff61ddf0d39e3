// Whether the person has not used the page for a while, so that controls over the photo can go.

import { type ReadonlySignal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

const IDLE_MS = 3000;

/** Return whether nobody has moved the mouse, tapped or pressed a key for three seconds while it was watched. */
export function useIdle(isWatched: boolean): ReadonlySignal<boolean> {
  const isIdle = useSignal(false);
  useEffect(() => {
    isIdle.value = false;
    if (!isWatched) {
      return;
    }
    const listening = new AbortController();
    let timer = 0;
    let last = "";
    const wake = () => {
      isIdle.value = false;
      clearTimeout(timer);
      timer = window.setTimeout(() => {
        isIdle.value = true;
      }, IDLE_MS);
    };
    const move = ({ screenX, screenY, pointerType }: PointerEvent) => {
      const place = `${screenX} ${screenY}`;
      // Browsers report a move when something else comes under a still pointer. A finger that swipes needs no controls.
      if (pointerType !== "touch" && place !== last) {
        last = place;
        wake();
      }
    };
    const options = { capture: true, signal: listening.signal };
    addEventListener("pointermove", move, options);
    // Not when a finger comes down, because the tap would hit the controls that appear.
    for (const kind of ["click", "keydown", "focusin"]) {
      addEventListener(kind, wake, options);
    }
    wake();
    return () => {
      listening.abort();
      clearTimeout(timer);
    };
  }, [isWatched]);
  return isIdle;
}
