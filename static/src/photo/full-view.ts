// The full view: only the photo, on the whole screen where the browser allows it. On an iPhone, it fills the window.

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";

export const isFull = signal(false);

/** Show only the photo. Browsers allow the full screen right after a click or a key. */
export async function enterFullView(): Promise<void> {
  isFull.value = true;
  try {
    await document.documentElement.requestFullscreen?.({ navigationUI: "hide" });
  } catch {
    return; // the browser or its owner does not allow it
  }
  if (!isFull.peek()) {
    leaveFullView(); // it was left while the browser switched
  }
}

export function leaveFullView(): void {
  isFull.value = false;
  if (document.fullscreenElement) {
    document.exitFullscreen().catch(() => {});
  }
}

export function toggleFullView(): void {
  isFull.peek() ? leaveFullView() : void enterFullView();
}

/** Leave the full view when the person leaves the full screen with the browser's keys, and when the photo closes. */
export function useFullView(): void {
  useEffect(() => {
    const follow = () => {
      isFull.value = isFull.peek() && document.fullscreenElement !== null;
    };
    document.addEventListener("fullscreenchange", follow);
    return () => {
      document.removeEventListener("fullscreenchange", follow);
      leaveFullView();
    };
  }, []);
}
