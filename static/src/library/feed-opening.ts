// Opens a list at one of its places.

import type { ImageSummary } from "../schemas";
import type { FetchPage } from "./feed-page";
import { monthAfter } from "./order-key";

/** The place where a list is opened: a month, its newest image or its oldest one. */
export type Place = { readonly month: string } | "newest" | "oldest";

/** The images at a place, and the cursors of the pages around them. */
export interface Opened {
  readonly images: readonly ImageSummary[];
  readonly below: string | null;
  readonly above: string | null;
}

export const FIRST_PAGE = 50;

/** Read the pages around a place. */
export async function openAt(place: Place, read: FetchPage): Promise<Opened> {
  if (place === "newest") {
    const { images, next } = await read(null, FIRST_PAGE, "desc");
    return { images, below: next, above: null };
  }
  if (place === "oldest") {
    const { images, next } = await read(null, FIRST_PAGE, "asc");
    return { images: images.toReversed(), below: null, above: next };
  }
  const [below, above] = await Promise.all([
    read(place.month, FIRST_PAGE, "desc"),
    read(monthAfter(place.month), FIRST_PAGE, "asc"),
  ]);
  return { images: [...above.images.toReversed(), ...below.images], below: below.next, above: above.next };
}
