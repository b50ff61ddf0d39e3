// Keeps the place in a list when the page is reloaded: the list is opened there again.

import { type ReadonlySignal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { firstInput, type Mark, markScroll, savedMark } from "../router";
import type { Feed } from "./feed";
import type { GridPlace } from "./grid-place";
import { monthOf } from "./order-key";

const MAX_PAGES = 20;
const LOADED_BELOW = 50; // images below the mark, so that the page is long enough to show it at its place
const SETTLE_MS = 5000; // in which the parts of the page above the list appear

/** Load the list, at the saved place if there is one. Returns whether it is being opened there. */
export function useKeptPlace(feed: Feed, place: GridPlace): ReadonlySignal<boolean> {
  const isReopening = useSignal(false);
  useEffect(() => {
    markScroll(() => place.mark);
    return () => markScroll(() => null);
  }, [place]);
  useEffect(() => {
    const mark = savedMark();
    if (feed.status.peek() === "paused") {
      return; // a search that waits for the person
    }
    if (!mark || feed.images.peek().length > 0) {
      void feed.more();
      return;
    }
    const ended = new AbortController();
    isReopening.value = true;
    void reopen(feed, mark)
      .catch(() => {})
      .then(() => {
        isReopening.value = false;
        show(feed, place, mark, ended.signal);
      });
    return () => ended.abort();
  }, [feed]);
  return isReopening;
}

async function reopen(feed: Feed, { id, key }: Mark): Promise<void> {
  await feed.more();
  if (!feed.has(id) && feed.status.peek() === "idle" && feed.order.peek() === "taken") {
    const month = monthOf(key);
    await feed.jump(month ? { month } : "oldest");
  }
  const isShort = () => {
    const last = feed.images.peek().at(-LOADED_BELOW);
    return feed.status.peek() === "idle" && (last === undefined || feed.keyOf(last) > key);
  };
  for (let page = 0; page < MAX_PAGES && isShort(); page += 1) {
    await feed.more();
  }
}

/** Scroll to the mark, and again when the page changes above it, until the person uses the page. */
function show(feed: Feed, place: GridPlace, { key, top }: Mark, ended: AbortSignal): void {
  const id = feed.images.peek().find((image) => feed.keyOf(image) <= key)?.id;
  if (!id) {
    return;
  }
  const observer = new ResizeObserver(() => {
    place.targetTop = top;
    place.target.value = id;
  });
  observer.observe(document.body);
  const settled = AbortSignal.any([ended, firstInput(), AbortSignal.timeout(SETTLE_MS)]);
  settled.addEventListener("abort", () => observer.disconnect());
}
