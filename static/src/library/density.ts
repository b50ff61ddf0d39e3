// How the grids show photos: with or without tags, and how large. The browser remembers both.

import { signal } from "@preact/signals";
import { toSize } from "./photo-size";

const STORED_TAGS = "pixtag:density";
const STORED_SIZE = "pixtag:photo-size";

export const showsTags = signal(localStorage.getItem(STORED_TAGS) !== "pictures");
/** A number of steps from the usual size. */
export const photoSize = signal(toSize(localStorage.getItem(STORED_SIZE)));

/** Show the grids with tags if they have none, and the other way round, now and on later visits. */
export function toggleTags(): void {
  showsTags.value = !showsTags.value;
  localStorage.setItem(STORED_TAGS, showsTags.value ? "tags" : "pictures");
}

/** Show the photos of the grids in another size, now and on later visits. */
export function setPhotoSize(size: number): void {
  photoSize.value = toSize(size);
  localStorage.setItem(STORED_SIZE, String(photoSize.value));
}
