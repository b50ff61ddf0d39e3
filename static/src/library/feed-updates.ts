// Apply changes of images to the loaded lists, so that they need not be reloaded.

import type { DateOutcome, ImageSummary, TagCount } from "../schemas";
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

/** Show images as favourites, or as none, in the library and in another list. */
export function showFavourites(feed: Feed, ids: ReadonlySet<string>, favourite: boolean): void {
  for (const list of new Set([everything(), feed])) {
    list.images.value = list.images.value.map((image) => (ids.has(image.id) ? { ...image, favourite } : image));
  }
}

/** Move images to their new dates in the library and in another list. */
export function redate(feed: Feed, dates: ReadonlyMap<string, DateOutcome>): void {
  for (const list of new Set([everything(), feed])) {
    list.insert(
      list.images.value.flatMap((image) => {
        const date = dates.get(image.id);
        return date
          ? { ...image, taken_at: date.after, taken_source: date.source, taken_plausible: date.plausible }
          : [];
      }),
    );
  }
  forgetSearches();
}

/** Return the images with these ids that are loaded in a list or in the library, each once. */
export function imagesWith(feed: Feed, ids: readonly string[]): readonly ImageSummary[] {
  const wanted = new Set(ids);
  const loaded = [...everything().images.peek(), ...feed.images.peek()].filter(({ id }) => wanted.has(id));
  return [...new Map(loaded.map((image) => [image.id, image])).values()];
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
    list.insert(images);
  }
  forgetSearches();
}
