// Keeps the first photos of the library a while after they have changed, and forgets them when the person signs out.

import { effect } from "@preact/signals";
import { removeStaged } from "../download/staging";
import { everything } from "../library/feeds";
import { onSignedOut, session } from "../session";
import { forgetPhotos, keepPhotos } from "./kept-library";

const IDLE_MS = 5_000; // the page is in use before that

export function watchLibrary(): void {
  if (session.peek() === "out") {
    forget(); // the page may have been closed before
  }
  onSignedOut(forget);
  effect(() => {
    if (session.value !== "in") {
      return;
    }
    const { images, above, status } = everything();
    const photos = images.value;
    if (above.value !== "end" || (photos.length === 0 && status.value !== "end")) {
      return; // the newest photos aren't loaded
    }
    const ended = new AbortController();
    const keep = () => {
      // Without a service worker, the page can't be opened without a network.
      if (navigator.serviceWorker?.controller) {
        void keepPhotos(photos, ended.signal).catch(() => {});
      }
    };
    const timer = setTimeout(keep, IDLE_MS);
    return () => {
      clearTimeout(timer);
      ended.abort();
    };
  });
}

/** Forget what this device has kept of the person's photos. */
function forget(): void {
  void forgetPhotos();
  void removeStaged();
}
