// The slideshow: shows the photos of the list one after the other.

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import * as messages from "#messages/viewing";
import { pause } from "../http";
import { currentFeed } from "../library/current-feed";
import type { Feed } from "../library/feed";
import { everything } from "../library/feeds";
import { announce } from "../ui/toasts";
import { enterFullView, isFull, leaveFullView } from "./full-view";
import { findListed } from "./image-actions";
import { around } from "./list-place";
import { slideAfter, slideFrom } from "./slides";
import { keepAwake } from "./wake-lock";

const STORED_SECONDS = "pixtag:slideshow-seconds";
const STORED_REPEAT = "pixtag:slideshow-repeat";
const MAX_LOADING_MS = 10_000; // then the next photo is shown while it loads

export const CHOICES: readonly number[] = [3, 5, 10, 30];
const USUAL = 5;

export const slideshow = signal<"off" | "playing" | "paused">("off");
/** How long each photo is shown. */
export const seconds = signal(storedSeconds());
/** Whether it starts again after the last photo. */
export const repeats = signal(localStorage.getItem(STORED_REPEAT) === "yes");

function storedSeconds(): number {
  const stored = Number(localStorage.getItem(STORED_SECONDS));
  return CHOICES.includes(stored) ? stored : USUAL;
}

export function chooseSeconds(choice: number): void {
  seconds.value = choice;
  localStorage.setItem(STORED_SECONDS, String(choice));
}

export function toggleRepeat(): void {
  repeats.value = !repeats.value;
  localStorage.setItem(STORED_REPEAT, repeats.value ? "yes" : "no");
}

export function startSlideshow(): void {
  slideshow.value = "playing";
  announce(messages.slideshowStarted);
  void enterFullView();
}

export function endSlideshow(): void {
  leaveFullView();
}

export function togglePlaying(): void {
  slideshow.value = slideshow.peek() === "playing" ? "paused" : "playing";
}

/** Run the slideshow in the full view. `isHeld`: the person looks at a detail of the photo. */
export function useSlideshow(id: string, isHeld: boolean, show: (id: string) => void): void {
  const isPlaying = slideshow.value === "playing";
  const wait = seconds.value;
  useEffect(() => {
    if (!isFull.value) {
      slideshow.value = "off";
    }
  }, [isFull.value]);
  useEffect(() => (isPlaying ? keepAwake() : undefined), [isPlaying]);
  useEffect(() => {
    if (!isPlaying || isHeld) {
      return;
    }
    const ended = new AbortController();
    advance(id, wait * 1000, show, ended.signal).catch(() => {}); // aborted
    return () => ended.abort();
  }, [id, isPlaying, isHeld, wait, show]);
}

/** Wait, then show the photo after an image, or stop after the last one. */
async function advance(id: string, ms: number, show: (id: string) => void, ended: AbortSignal): Promise<void> {
  await pause(ms, ended);
  await untilVisible(ended);
  const next = (await findNext(id, ended)) ?? (repeats.peek() ? await findFirst() : null);
  ended.throwIfAborted();
  if (next === null) {
    slideshow.value = "paused";
    announce(messages.lastPhoto);
    return;
  }
  await Promise.race([loadPicture(next), pause(MAX_LOADING_MS, ended)]);
  ended.throwIfAborted();
  show(next);
}

/** Wait while the page is in another tab. */
function untilVisible(ended: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const check = () => !document.hidden && resolve();
    document.addEventListener("visibilitychange", check, { signal: ended });
    check();
  });
}

/** Return the next image with a picture. Pages of the list are loaded until there is one. */
async function findNext(id: string, ended: AbortSignal): Promise<string | null> {
  const feed = currentFeed.peek() ?? everything();
  const find = () => slideAfter(feed.images.peek(), around(id).next);
  while (find() === null && (await hasMore(feed))) {
    ended.throwIfAborted();
    await feed.more();
  }
  return find();
}

/** Whether the list goes on. A page that is being loaded is waited for. */
function hasMore(feed: Feed): Promise<boolean> {
  return new Promise((resolve) => {
    const stop = feed.status.subscribe((status) => {
      if (status !== "loading") {
        resolve(status === "idle");
        queueMicrotask(() => stop());
      }
    });
  });
}

/** Return the first image of the list. A list that was opened at another place is opened at its start. */
async function findFirst(): Promise<string | null> {
  const feed = currentFeed.peek() ?? everything();
  if (feed.above.peek() !== "end") {
    await feed.jump("newest").catch(() => {}); // then it starts at the first one that is loaded
  }
  return slideFrom(feed.images.peek(), 0);
}

async function loadPicture(id: string): Promise<void> {
  const src = findListed(id)?.links?.preview;
  if (src) {
    // The stage shows why a picture can't be loaded.
    await Object.assign(new Image(), { src })
      .decode()
      .catch(() => {});
  }
}
