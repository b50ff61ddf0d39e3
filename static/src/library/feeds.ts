// The feeds of the library and of recent searches. They are kept when their screen closes.

import { effect, signal } from "@preact/signals";
import { get } from "../api";
import { libraryQuery } from "../router";
import { onSignedOut } from "../session";
import { Feed } from "./feed";

const MAX_SEARCHES = 5;

/** The ids of pending images whose files are still to be sent. The lists leave them out. */
export const unsentIds = signal<ReadonlySet<string>>(new Set());

const feeds = new Map<string, Feed>();

/** Return the images that match a query; all images for an empty one. */
export function feedFor(query: string): Feed {
  const feed = feeds.get(query) ?? new Feed((cursor, limit) => page(query, cursor, limit));
  feeds.delete(query);
  feeds.set(query, feed); // now the most recently used
  const searches = [...feeds.keys()].filter(Boolean);
  for (const old of searches.slice(0, -MAX_SEARCHES)) {
    feeds.delete(old);
  }
  return feed;
}

/** Return the feed of the whole library. */
export function everything(): Feed {
  return feedFor("");
}

/** Drop the results of searches, because images have changed. The search on the screen is reloaded. */
export function forgetSearches(): void {
  for (const query of [...feeds.keys()].filter(Boolean)) {
    if (query === libraryQuery.value) {
      void feedFor(query).refresh();
    } else {
      feeds.delete(query);
    }
  }
}

async function page(query: string, cursor: string | null, limit: number) {
  const paging = { limit, ...(cursor !== null && { cursor }) };
  if (query) {
    return get("/search", { query: { q: query, ...paging } });
  }
  const { images, next } = await get("/images", { query: paging });
  return { images: images.filter(({ id }) => !unsentIds.value.has(id)), next };
}

onSignedOut(() => {
  for (const feed of feeds.values()) {
    feed.unwatch();
  }
  feeds.clear();
});

/** Poll while the library has pending images. Returns a function that stops it. */
export function watchPending(): () => void {
  let watched = false;
  return effect(() => {
    const isPending = everything().images.value.some(({ state }) => state === "pending");
    if (isPending && !watched) {
      void everything().watch();
    }
    watched = isPending;
  });
}
