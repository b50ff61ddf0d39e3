// Apply changes of images to the loaded lists, so that they need not be reloaded.

import type { ImageSummary, TagCount } from "../schemas";
import type { Feed } from "./feed";
import { everything, forgetSearches } from "./feeds";
import { normalize } from "./tag-names";

const MAX_COUNT = 999; // of a tag on an image

/** Return tags after adding some counts and removing some tags completely. */
export function editTags(
  tags: readonly TagCount[],
  added: readonly TagCount[],
  removed: readonly string[] = [],
): readonly TagCount[] {
  const counts = new Map(tags.map(({ tag, count }) => [tag, count]));
  for (const { tag, count } of added) {
    counts.set(normalize(tag), Math.min(MAX_COUNT, (counts.get(normalize(tag)) ?? 0) + count));
  }
  for (const tag of removed) {
    counts.delete(normalize(tag));
  }
  return [...counts]
    .map(([tag, count]) => ({ tag, count }))
    .sort((a, b) => b.count - a.count || (a.tag < b.tag ? -1 : 1));
}

/** Return tags after renaming one. If the new name exists, the counts are added. */
export function renameTag(tags: readonly TagCount[], old: string, name: string): readonly TagCount[] {
  const count = tags.find(({ tag }) => tag === normalize(old))?.count;
  return count === undefined || normalize(old) === normalize(name)
    ? tags
    : editTags(tags, [{ tag: name, count }], [old]);
}

/** Change the tags of images in the library and in another list. */
export function retag(feed: Feed, ids: readonly string[], change: (tags: readonly TagCount[]) => readonly TagCount[]) {
  const changed = new Set(ids);
  for (const list of new Set([everything(), feed])) {
    list.images.value = list.images.value.map((image) =>
      changed.has(image.id) ? { ...image, tags: change(image.tags) } : image,
    );
  }
  forgetSearches();
}

/** Remove images from the library and from another list. */
export function removeImages(feed: Feed, ids: readonly string[]): void {
  everything().remove(new Set(ids));
  feed.remove(new Set(ids));
  forgetSearches();
}

/** Insert restored images into the library and into another list. */
export function restoreImages(feed: Feed, images: readonly ImageSummary[]): void {
  for (const list of new Set([everything(), feed])) {
    list.images.value = insertImages(list.images.value, images, list.status.value === "end");
  }
  forgetSearches();
}

/** Insert images into a list, newest first. Unless it `isWhole`, images older than its last come with its next page. */
export function insertImages(
  images: readonly ImageSummary[],
  more: readonly ImageSummary[],
  isWhole: boolean,
): readonly ImageSummary[] {
  const last = images.at(-1)?.id ?? "~";
  const fitting = new Map(more.filter(({ id }) => isWhole || id > last).map((image) => [image.id, image]));
  const others = images.filter(({ id }) => !fitting.has(id));
  return [...others, ...fitting.values()].sort((a, b) => (a.id < b.id ? 1 : -1));
}
