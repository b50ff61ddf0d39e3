// Merges images into the loaded part of a list, which is sorted by keys. Pure.

import type { ImageSummary } from "../schemas";
import { addedKey } from "./order-key";

type KeyOf = (image: ImageSummary) => string;

/** The loaded part of a list, newest first. */
export interface Loaded {
  readonly images: readonly ImageSummary[];
  readonly keyOf: KeyOf;
  /** Whether nothing is above the first image. */
  readonly isTop: boolean;
  /** Whether nothing is below the last image. */
  readonly isBottom: boolean;
}

/** Whether the place of a key is in the loaded part. */
export function isWithin({ images, keyOf, isTop, isBottom }: Loaded, key: string): boolean {
  const [first, last] = [images[0], images.at(-1)];
  const isBelowTop = isTop || (first !== undefined && key <= keyOf(first));
  return isBelowTop && (isBottom || (last !== undefined && key >= keyOf(last)));
}

/** Insert images at their places, or replace older states of them. Images outside the loaded part are left out. */
export function insertImages(loaded: Loaded, more: readonly ImageSummary[]): readonly ImageSummary[] {
  const { images, keyOf } = loaded;
  const ids = new Set(more.map(({ id }) => id));
  const inside = more.filter((image) => isWithin(loaded, keyOf(image)));
  return sorted([...images.filter(({ id }) => !ids.has(id)), ...inside], keyOf);
}

/**
 * Replace the images that were added since a key by their current states.
 *
 * Images that became ready move to their places. Known links are kept, so that no picture is reloaded.
 */
export function mergeRecent(loaded: Loaded, recent: readonly ImageSummary[], since: string): readonly ImageSummary[] {
  const current = new Set(recent.map(({ id }) => id));
  const older = loaded.images.filter((image) => addedKey(image) < since && !current.has(image.id));
  const inside = recent.filter((image) => isWithin(loaded, loaded.keyOf(image)));
  return sorted([...older, ...withLinks(inside, loaded.images)], loaded.keyOf);
}

/** Replace the newest images of a list; all of it if `isWhole`. Known links are kept, so that no picture is reloaded. */
export function mergeHead(
  before: readonly ImageSummary[],
  head: readonly ImageSummary[],
  isWhole: boolean,
  keyOf: KeyOf,
): readonly ImageSummary[] {
  const last = head.at(-1);
  const rest = isWhole || last === undefined ? [] : before.filter((image) => keyOf(image) < keyOf(last));
  return [...withLinks(head, before), ...rest];
}

function withLinks(images: readonly ImageSummary[], loaded: readonly ImageSummary[]): readonly ImageSummary[] {
  const links = new Map(loaded.map((image) => [image.id, image.links]));
  return images.map((image) => ({ ...image, links: links.get(image.id) ?? image.links }));
}

function sorted(images: readonly ImageSummary[], keyOf: KeyOf): readonly ImageSummary[] {
  return images
    .map((image) => ({ image, key: keyOf(image) }))
    .sort((a, b) => (a.key < b.key ? 1 : -1))
    .map(({ image }) => image);
}
