// What is shared, for how long, and how shares are described. Pure.

import { formatPhotos } from "#messages/formats";
import * as messages from "#messages/shares";
import type { ImageSummary, ShareRequest, ShareResponse } from "../schemas";

/** The most photos that one link can show, as the API has it. */
export const MAX_PHOTOS = 500;

/** The tag of photos that are never shared. */
export const PRIVATE = "private";

type Shareable = Pick<ImageSummary, "id" | "state" | "tags">;

const DAY_MS = 86_400_000;

interface SharedPhotos {
  readonly kind: "images";
  readonly ids: readonly string[];
  /** How many photos the person wants to share; more than there are ids if not all are loaded. */
  readonly size: number;
  /** How many of them are private. */
  readonly privates: number;
}

interface SharedList {
  readonly kind: "album" | "subscription";
  readonly id: string;
  /** The title that the form proposes. */
  readonly title: string;
}

export type ShareTarget = SharedPhotos | SharedList;

/** Return photos as what to share, in their order. Only ready photos can be shared. */
export function photosToShare(images: readonly Shareable[], size = 0): SharedPhotos {
  const ready = images.filter(({ state }) => state === "ready");
  return {
    kind: "images",
    ids: ready.map(({ id }) => id),
    size: Math.max(size, ready.length),
    privates: ready.filter(({ tags }) => tags.some(({ tag }) => tag === PRIVATE)).length,
  };
}

/** The choices for the life of a link, in days. 0: it has no end. */
export const LIVES: readonly (readonly [days: number, label: string])[] = [
  [7, messages.forDays(7)],
  [30, messages.forDays(30)],
  [365, messages.forOneYear],
  [0, messages.untilRevoked],
];

/** Return when a link ends that works for some days; null if it has no end. */
export function endAfter(days: number, now: number): string | null {
  return days === 0 ? null : new Date(now + days * DAY_MS).toISOString();
}

/** Return the part of a request that says what to share. */
export function sourceOf(target: ShareTarget): Pick<ShareRequest, "album" | "images" | "subscription"> {
  return target.kind === "images" ? { images: target.ids } : { [target.kind]: target.id };
}

/** Return why a target can't be shared; an empty text if it can. */
export function findObstacle(target: ShareTarget): string {
  if (target.kind !== "images") {
    return "";
  }
  if (target.ids.length === 0) {
    return messages.noReadyPhotos;
  }
  return target.size > MAX_PHOTOS ? messages.tooManyPhotos(MAX_PHOTOS) : "";
}

export function headingOf(target: ShareTarget): string {
  if (target.kind === "images") {
    return messages.sharePhotos(target.size);
  }
  return target.kind === "album" ? messages.shareAlbum : messages.shareSearch;
}

export function hasEnded({ expires_at: end }: Pick<ShareResponse, "expires_at">, now: number): boolean {
  return end !== null && Date.parse(end) <= now;
}

/** `12 photos`, `Album`, `Saved search`. */
export function describeKind({ kind, images }: Pick<ShareResponse, "kind" | "images">): string {
  if (kind === "images") {
    return formatPhotos(images ?? 0);
  }
  return kind === "album" ? messages.ofAlbum : messages.ofSearch;
}

/** `Works until 30 Dec 2026, 12:00`. */
export function describeEnd(share: Pick<ShareResponse, "expires_at">, now: number): string {
  const { expires_at: end } = share;
  if (end === null) {
    return messages.worksUntilRevoked;
  }
  return hasEnded(share, now) ? messages.expiredOn(end) : messages.worksUntil(end);
}
