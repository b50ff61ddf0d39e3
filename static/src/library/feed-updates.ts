// What a change of many images does to the lists that are loaded, so that nothing is read again.

import type { ImageSummary, TagCount } from "../schemas";
import type { Feed } from "./feed";
import { everything, forgetSearches } from "./feeds";

const MOST = 999; // of a tag on an image

/** A tag as the API keeps it. */
export function folded(tag: string): string {
  return tag.normalize("NFC").trim().toLowerCase();
}

/** Tags when some were added and some taken away altogether. */
export function edited(
  tags: readonly TagCount[],
  added: readonly TagCount[],
  removed: readonly string[] = [],
): readonly TagCount[] {
  const counts = new Map(tags.map(({ tag, count }) => [tag, count]));
  for (const { tag, count } of added) {
    counts.set(folded(tag), Math.min(MOST, (counts.get(folded(tag)) ?? 0) + count));
  }
  for (const tag of removed) {
    counts.delete(folded(tag));
  }
  return [...counts]
    .map(([tag, count]) => ({ tag, count }))
    .sort((one, other) => other.count - one.count || (one.tag < other.tag ? -1 : 1));
}

/** Tags when one was given another name; counts of both add up. */
export function renamed(tags: readonly TagCount[], old: string, name: string): readonly TagCount[] {
  const count = tags.find(({ tag }) => tag === folded(old))?.count;
  return count === undefined || folded(old) === folded(name) ? tags : edited(tags, [{ tag: name, count }], [old]);
}

/** Give images other tags, in the library and in the list on show. */
export function retag(feed: Feed, ids: readonly string[], change: (tags: readonly TagCount[]) => readonly TagCount[]) {
  const changed = new Set(ids);
  for (const one of new Set([everything(), feed])) {
    one.images.value = one.images.value.map((image) =>
      changed.has(image.id) ? { ...image, tags: change(image.tags) } : image,
    );
  }
  forgetSearches();
}

/** Take images out of the library and the list on show. */
export function takeOut(feed: Feed, ids: readonly string[]): void {
  everything().remove(new Set(ids));
  feed.remove(new Set(ids));
  forgetSearches();
}

/** Put images back into the library and the list on show. */
export function putBack(feed: Feed, images: readonly ImageSummary[]): void {
  for (const one of new Set([everything(), feed])) {
    one.images.value = joined(one.images.value, images, one.status.value === "end");
  }
  forgetSearches();
}

/** A list with more images, newest first; unless it is whole, older ones than its last will come when it is read on. */
export function joined(
  images: readonly ImageSummary[],
  more: readonly ImageSummary[],
  isWhole: boolean,
): readonly ImageSummary[] {
  const last = images.at(-1)?.id ?? "~";
  const fitting = new Map(more.filter(({ id }) => isWhole || id > last).map((image) => [image.id, image]));
  const others = images.filter(({ id }) => !fitting.has(id));
  return [...others, ...fitting.values()].sort((one, other) => (one.id < other.id ? 1 : -1));
}
