// Ends gestures whose pointer is lost: the browser doesn't report a release outside the window, or after a switch to it.

import { useEffect, useRef } from "preact/hooks";

/** Call `end` when the window loses the focus or is hidden, and when the component is unmounted. */
export function useLostPointer(end: () => void): void {
  const latest = useRef(end);
  latest.current = end;
  useEffect(() => {
    const run = () => latest.current();
    const listening = new AbortController();
    addEventListener("blur", run, { signal: listening.signal });
    addEventListener("pagehide", run, { signal: listening.signal });
    return () => {
      listening.abort();
      run();
    };
  }, []);
}
