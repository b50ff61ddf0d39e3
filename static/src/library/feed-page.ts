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

/** `asc`: the oldest images first. */
export type Direction = "asc" | "desc";

/** Read a page. A cursor is `next` of the previous page, or a month at which the page starts. */
export type FetchPage = (cursor: string | null, limit: number, direction: Direction) => Promise<FeedPage>;

/** The images at a place, and the cursors of the pages around them. */
export interface Opened {
  readonly images: readonly ImageSummary[];
  readonly below: string | null;
  readonly above: string | null;
}
