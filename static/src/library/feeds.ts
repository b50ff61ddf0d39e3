// The feeds of the library and of recent searches. They are kept when their screen closes.

import { effect, signal, untracked } from "@preact/signals";
import { get } from "../api";
import { libraryQuery } from "../router";
import { onSignedOut } from "../session";
import { Feed } from "./feed";
import type { Direction } from "./feed-page";
import { libraryOrder } from "./library-order";

const MAX_SEARCHES = 5;

/** The ids of pending images whose files are still to be sent. The lists leave them out. */
export const unsentIds = signal<ReadonlySet<string>>(new Set());

/** Increases whenever images have changed, so that numbers of images are read again. */
export const changes = signal(0);

const feeds = new Map<string, Feed>();

/** Return the images that match a query; all images for an empty one. */
export function feedFor(query: string): Feed {
  const feed = feeds.get(query) ?? (query ? searchFeed(query) : libraryFeed());
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

function libraryFeed(): Feed {
  return new Feed((cursor, limit, direction) => libraryPage(libraryOrder.peek(), cursor, limit, direction), {
    order: libraryOrder,
    hasKeyCursors: true,
    fetchRecent: (cursor, limit, direction) => libraryPage("added", cursor, limit, direction),
  });
}

function searchFeed(query: string): Feed {
  return new Feed(
    (cursor, limit, direction) =>
      get("/search", { query: { q: query, limit, direction, ...(cursor !== null && { cursor }) } }),
    { hasKeyCursors: true },
  );
}

async function libraryPage(order: "taken" | "added", cursor: string | null, limit: number, direction: Direction) {
  const { images, next } = await get("/images", {
    query: { order, limit, direction, ...(cursor !== null && { cursor }) },
  });
  return { images: images.filter(({ id }) => !unsentIds.value.has(id)), next };
}

/** Drop the results of searches, because images have changed. The search on the screen is reloaded. */
export function forgetSearches(): void {
  changes.value += 1;
  for (const query of [...feeds.keys()].filter(Boolean)) {
    if (query === libraryQuery.value) {
      void feedFor(query).refresh();
    } else {
      feeds.delete(query);
    }
  }
}

/** Call a function after each change of images. What it returns ends its work. Returns a function that ends the calls. */
export function watchChanges(run: (change: number) => (() => void) | undefined): () => void {
  const first = changes.peek();
  return effect(() => {
    const change = changes.value;
    return change === first ? undefined : untracked(() => run(change)); // what it reads may change with each run
  });
}

onSignedOut(() => {
  for (const feed of feeds.values()) {
    feed.arrivals.unwatch();
  }
  feeds.clear();
});

/** Poll while the library has pending images. Returns a function that stops it. */
export function watchPending(): () => void {
  let watched = false;
  return effect(() => {
    const isPending = everything().arrivals.arePending();
    if (isPending && !watched) {
      void everything().watch();
    }
    watched = isPending;
  });
}
