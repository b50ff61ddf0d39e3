// A double click on a tile opens one photo and does nothing else.

import { useLayoutEffect } from "preact/hooks";

/** Ignore the rest of a double click on a tile, which hits what has just opened. */
export function useSingleClick(): void {
  useLayoutEffect(() => {
    const listening = new AbortController();
    const swallow = (event: MouseEvent) => {
      if (event.detail > 1) {
        event.preventDefault();
        event.stopPropagation();
      } else {
        listening.abort();
      }
    };
    addEventListener("click", swallow, { capture: true, signal: listening.signal });
    return () => listening.abort();
  }, []);
}
