// The order of a slideshow. Pure.

import type { ImageSummary } from "../schemas";

type Slide = Pick<ImageSummary, "id" | "state">;

/** Return the first image that has a picture, from an index of the list; null if there is none. */
export function slideFrom(images: readonly Slide[], index: number): string | null {
  return images.slice(index).find(({ state }) => state === "ready" || state === "trashed")?.id ?? null;
}

/** Return the image with a picture that follows `id`; `next` is its neighbour, which is known even if `id` isn't listed. */
export function slideAfter(images: readonly Slide[], next: string | null): string | null {
  const index = images.findIndex(({ id }) => id === next);
  return index < 0 ? null : slideFrom(images, index);
}
