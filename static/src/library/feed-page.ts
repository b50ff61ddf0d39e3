// The pages of a list.

import type { ImageSummary, QuerySuggestion } from "../schemas";

export interface FeedPage {
  readonly images: readonly ImageSummary[];
  readonly next: string | null;
  /** Other queries that the person may mean. Only the first page of a search has some. */
  readonly suggestions?: readonly QuerySuggestion[];
  /** The date of the last image that a search for a text has compared; null at its end, and for other lists. */
  readonly searched_until?: string | null;
}

/** Return whether a search for a text has found nothing on this page. It may have to compare the whole library. */
export function isUnsuccessful({ images, searched_until }: FeedPage): boolean {
  return images.length === 0 && (searched_until ?? null) !== null;
}

/** `end`: all pages in this direction are loaded. `paused`: the person decides whether the search goes on. */
export type FeedStatus = "loading" | "idle" | "paused" | "end" | "failed";

/** Return the status of a list after its last page was read. */
export function statusAfter(page: FeedPage): FeedStatus {
  return page.next === null ? "end" : isUnsuccessful(page) ? "paused" : "idle";
}

/** `asc`: the oldest images first. */
export type Direction = "asc" | "desc";

/** Read a page. A cursor is `next` of the previous page, or a month at which the page starts. */
export type FetchPage = (cursor: string | null, limit: number, direction: Direction) => Promise<FeedPage>;
