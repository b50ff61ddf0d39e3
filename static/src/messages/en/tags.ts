// The tags screen.

import { formatNumber } from "../../formats";
import { formatPhotos, plural } from "./formats";

export const tags = "Tags";
export const objectsInYourPhotos = "Objects in your photos";
export const filterTags = "Filter tags";
export const noTagsYet = "No tags yet";
export const choosePhotos = "Choose photos";
export const noTagsText = "PixTag tags your photos with the objects it detects. You can also add your own tags.";
export const noMatchingTags = "No matching tags.";
export const renameOrMerge = "Rename or merge";
export const renameIt = (tag: string) => `Rename ${tag}`;
export const mergeTags = "Merge tags";
export const renameTag = "Rename tag";
export const newName = "New name";
export const totals = (tags: number, objects: number) =>
  `${formatNumber(tags)} ${plural(tags, "tag", "tags")}, ${objectsIn(objects)}`;
export const objectsIn = (count: number) => `${formatNumber(count)} ${plural(count, "object", "objects")}`;
/** `{0}` is the other tag. */
export const mergeNote = (photos: number) =>
  `The tag {0} exists on ${formatPhotos(photos)}. The two tags will be merged. If a photo has both, their counts are added. You can undo this for an hour.`;
