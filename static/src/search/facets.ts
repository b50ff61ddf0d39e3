// What the photos of the current search have in common. It is read while the bar is open or a person types.

import { computed, effect, signal } from "@preact/signals";
import { get } from "../api";
import { pause } from "../http";
import { changes } from "../library/feeds";
import { libraryQuery } from "../router";
import type { Facets } from "../schemas";
import { onSignedOut } from "../session";
import { firstTag } from "./narrowing";
import { parse } from "./query";

const STORED = "pixtag:facets";
const WIDE = "(min-width: 1100px)";
const CHANGE_MS = 1000; // several changes are read together

interface ReadFacets extends Facets {
  readonly query: string;
  /** The value of `changes` when they were read. */
  readonly change: number;
}

/** Whether the bar is open: by default on wide screens. The browser remembers it. */
export const isBarOpen = signal((localStorage.getItem(STORED) ?? String(matchMedia(WIDE).matches)) === "true");

/** Whether the person types in the search box, which needs the facets too. */
export const isTyping = signal(false);

/** The facets of the latest search that was read. While the next one is being read, they are those of the previous one. */
export const latestFacets = signal<ReadFacets | null>(null);

/** The facets of the current search; null without a search, and until they are known. */
export const currentFacets = computed(() =>
  latestFacets.value?.query === libraryQuery.value ? latestFacets.value : null,
);

onSignedOut(() => {
  latestFacets.value = null;
});

export function toggleBar(): void {
  isBarOpen.value = !isBarOpen.value;
  localStorage.setItem(STORED, String(isBarOpen.value));
}

/** Read the facets of each search, again after changes of images. Returns a function that stops it. */
export function watchFacets(): () => void {
  return effect(() => {
    const query = libraryQuery.value;
    const change = changes.value;
    const known = currentFacets.peek();
    if (!(query && (isBarOpen.value || isTyping.value)) || known?.change === change) {
      return;
    }
    const ended = new AbortController();
    pause(known ? CHANGE_MS : 0, ended.signal)
      .then(() => readFacets(query, ended.signal))
      .then(
        (read) => {
          latestFacets.value = { ...read, query, change };
        },
        () => {}, // the search works without them
      );
    return () => ended.abort();
  });
}

function readFacets(query: string, signal: AbortSignal): Promise<Facets> {
  const parts = parse(query);
  const tag = parts && firstTag(parts);
  return get("/search/facets", { query: { q: query, ...(tag !== null && { tag }) }, signal });
}
