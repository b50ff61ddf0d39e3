// The keys by which lists are sorted. They are computed as the API does it. Pure.

import type { ImageSummary } from "../schemas";

/**
 * By capture time, by the time of the upload, or by the time of the deletion, the latest first; the oldest capture time
 * first, or as a person has arranged the images. The API alone knows the keys of the last two.
 */
export type Order = "taken" | "added" | "trashed" | "oldest" | "hand";

export type Keyed = Pick<
  ImageSummary,
  "id" | "state" | "created_at" | "taken_at" | "taken_source" | "taken_plausible" | "trashed_at"
>;

const TIME = 19; // the characters of 2019-07-28T01:03:00
const MONTH = /^\d{4}-\d\d/;
const DATE = 10;

/** `2019-07-28T01:03:00#ID`. An image whose date can't be right has the prefix `!`, so that it sorts before all others. */
export function orderKey(image: Keyed, order: Order): string {
  return order === "added" ? addedKey(image) : `${sortedAt(image)}#${image.id}`;
}

export function addedKey({ id, created_at: createdAt }: Pick<Keyed, "id" | "created_at">): string {
  return `${createdAt.slice(0, TIME)}#${id}`;
}

/** The clock of the place. Images without a capture time have the time of their upload or deletion in UTC. */
function sortedAt({ state, created_at: createdAt, taken_at: takenAt, taken_plausible, trashed_at }: Keyed): string {
  if (state === "trashed") {
    return (trashed_at ?? createdAt).slice(0, TIME);
  }
  if (state !== "ready" || takenAt === null) {
    return createdAt.slice(0, TIME);
  }
  const time = takenAt.length === DATE ? `${takenAt}T00:00:00` : takenAt.slice(0, TIME);
  return taken_plausible ? time : `!${time}`;
}

/** Whether a ready image has only the time of its upload. */
export function isUndated({ state, taken_source: source }: Keyed): boolean {
  return state === "ready" && (source === "upload" || source === null);
}

/** Return the month of a key: `2019-07`, or an empty text if its date can't be right. */
export function monthOf(key: string): string {
  return MONTH.exec(key)?.[0] ?? "";
}

/** Return the month after another: `2020-01` after `2019-12`. */
export function monthAfter(month: string): string {
  const [year = 0, number = 0] = month.split("-").map(Number);
  return number === 12 ? `${String(year + 1).padStart(4, "0")}-01` : `${month.slice(0, 4)}-${pad(number + 1)}`;
}

function pad(number: number): string {
  return String(number).padStart(2, "0");
}
