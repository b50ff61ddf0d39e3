// The feeds of the library: all images, and the searches made last. They outlive the screens that show them.

import { effect } from "@preact/signals";
import { get } from "../api";
import { libraryQuery } from "../router";
import { onSignedOut } from "../session";
import { Feed } from "./feed";

const KEPT_SEARCHES = 5;
const feeds = new Map<string, Feed>();

/** The images that match a query; all with an empty one. */
export function feedFor(query: string): Feed {
  const feed = feeds.get(query) ?? new Feed((cursor, limit) => page(query, cursor, limit));
  feeds.delete(query);
  feeds.set(query, feed); // now the last that was used
  const searches = [...feeds.keys()].filter(Boolean);
  for (const old of searches.slice(0, -KEPT_SEARCHES)) {
    feeds.delete(old);
  }
  return feed;
}

/** All of the library. */
export function everything(): Feed {
  return feedFor("");
}

/** Forget what searches found: images have changed. What is on show is read anew. */
export function forgetSearches(): void {
  for (const query of [...feeds.keys()].filter(Boolean)) {
    if (query === libraryQuery.value) {
      void feedFor(query).refresh();
    } else {
      feeds.delete(query);
    }
  }
}

function page(query: string, cursor: string | null, limit: number) {
  const paging = { limit, ...(cursor !== null && { cursor }) };
  return query ? get("/search", { query: { q: query, ...paging } }) : get("/images", { query: paging });
}

onSignedOut(() => {
  for (const feed of feeds.values()) {
    feed.unwatch();
  }
  feeds.clear();
});

/** Poll as long as the library has images that are pending. */
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
