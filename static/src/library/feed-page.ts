// The pages of a list.

import type { ImageSummary } from "../schemas";

export interface FeedPage {
  readonly images: readonly ImageSummary[];
  readonly next: string | null;
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
