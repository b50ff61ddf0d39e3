// Groups of duplicates: which photo is the best, and which ones move to the trash. Pure.

import type { DuplicateGroup, ImageSummary } from "../schemas";

export interface Group {
  readonly id: string;
  /** The loaded images, the best first. */
  readonly images: readonly ImageSummary[];
  /** Where the next images begin; null if all are loaded. */
  readonly cursor: string | null;
}

/** Why the first image is better than the second one. */
export type Reason = "intact" | "pixels" | "size" | "earlier";

type Ranked = Pick<ImageSummary, "id" | "damage" | "width" | "height" | "size">;

// In the order of the API: rank() in app/domain/similar_images.py.
const CRITERIA: readonly { readonly reason: Reason; readonly rank: (image: Ranked) => number }[] = [
  { reason: "intact", rank: ({ damage }) => Number(damage !== "") },
  { reason: "pixels", rank: ({ width, height }) => -width * height },
  { reason: "size", rank: ({ size }) => -size },
];

/** Sort the better image first. */
export function compareQuality(a: Ranked, b: Ranked): number {
  const decisive = CRITERIA.find(({ rank }) => rank(a) !== rank(b));
  if (decisive) {
    return decisive.rank(a) - decisive.rank(b);
  }
  return a.id < b.id ? -1 : Number(a.id > b.id);
}

/** Return why an image is better than another one that comes after it. */
export function findReason(best: Ranked, second: Ranked): Reason {
  return CRITERIA.find(({ rank }) => rank(best) !== rank(second))?.reason ?? "earlier";
}

/** Return a group as the API lists it. More images follow the one with the lowest id. */
export function toGroup({ id, images, more }: DuplicateGroup): Group {
  const lowest = images.reduce((least, { id: other }) => (other < least ? other : least), images[0]?.id ?? "");
  return { id, images, cursor: more ? lowest : null };
}

/** Add a page of images to a group. */
export function addImages(group: Group, images: readonly ImageSummary[], next: string | null): Group {
  const all = new Map([...group.images, ...images].map((image) => [image.id, image]));
  return { ...group, images: [...all.values()].sort(compareQuality), cursor: next };
}

/** Return the groups without some images, and without groups of one image. */
export function withoutImages(groups: readonly Group[], gone: ReadonlySet<string>): readonly Group[] {
  return groups
    .map((group) => ({ ...group, images: group.images.filter(({ id }) => !gone.has(id)) }))
    .filter(({ images, cursor }) => images.length > 1 || (images.length === 1 && cursor !== null));
}

/** Return the image of a group to keep: the chosen one, or else the best. */
export function keptOf({ id, images }: Group, chosen: ReadonlyMap<string, string>): ImageSummary | undefined {
  return images.find((image) => image.id === chosen.get(id)) ?? images[0];
}

/** Return the ids of the images that would not be kept. */
export function idsToMove(groups: readonly Group[], chosen: ReadonlyMap<string, string>): string[] {
  return groups.flatMap((group) => {
    const kept = keptOf(group, chosen);
    return group.images.filter((image) => image !== kept).map(({ id }) => id);
  });
}
