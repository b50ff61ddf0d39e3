// The duplicates.

import { formatBytes, formatNumber } from "../../formats";
import type { ImageSummary } from "../../schemas";
import { formatPhotos, plural } from "./formats";

export const duplicates = "Duplicates";
export const duplicatesLead =
  "Photos that look the same in another size, format or quality. Keep the best one of each.";
export const noDuplicates = "No duplicates";
export const noDuplicatesText =
  "PixTag finds photos that look the same in another size, format or quality, and slightly cropped ones.";
export const loadMoreGroups = "Load more duplicates";
export const nothingSoFar = "No duplicates so far. Load more to look at older photos.";
export const showMorePhotos = "Show more photos";
/** The heading of a group with its best photo. */
export const groupOf = (name: string, count: number, isMore: boolean) => `${name}: ${formatPhotos(count, isMore)}`;
export const showMorePhotosOf = (name: string) => `Show more photos: ${name}`;
export const photoToKeep = "Photo to keep";
/** `{0}` is the hidden name of the photo. */
export const keepIt = "Keep {0}";
export const intact = "Best: not damaged";
export const pixels = "Best: more pixels";
export const size = "Best: larger file";
export const earlier = "Best: added first";
/** `4,032 × 3,024, JPEG, 2.2 MB`. */
export const facts = ({ width, height, type, size: bytes }: ImageSummary) =>
  `${formatNumber(width)} × ${formatNumber(height)}, ${type.replace("image/", "").toUpperCase()}, ${formatBytes(bytes)}`;
export const taken = (date: string) => `Taken ${date}`;
export const added = (date: string) => `Added ${date}`;
export const compare = "Compare";
export const compareIt = (name: string) => `Compare: ${name}`;
export const comparePhotos = "Compare photos";
export const keepTheBest = "Keep the best";
export const keepTheChosen = "Keep the chosen one";
/** `label`: the text of the button; `name`: the photo to keep. */
export const keepAndMove = (label: string, name: string, count: number) =>
  `${label}: ${name}. ${formatPhotos(count)} ${plural(count, "moves", "move")} to the trash.`;
export const keepInAllGroups = "Keep the best in all groups shown";
export const oneOfEachIsKept = (count: number) =>
  count === 1
    ? "The best photo of the group is kept, or the one you chose."
    : `The best photo of each of the ${formatNumber(count)} groups is kept, or the one you chose.`;
export const photosWillMove = (count: number) =>
  `${formatPhotos(count)} will move to the trash for 30 days. You can undo this.`;
export const moveToTrash = "Move to trash";
export const photosMoved = (count: number) => `${formatPhotos(count)} moved to the trash`;
export const photosHaveChanged =
  "Some of these photos have changed. The list was loaded again. Check it, then try again.";
export const photoOf = (number: number, total: number) => `Photo ${formatNumber(number)} of ${formatNumber(total)}`;
export const nextPhoto = "Show the other";
export const zoomIn = "Zoom in";
export const zoomOut = "Zoom out";
export const picture = "Picture";
export const keepThisOne = "Keep this one";
export const thisOneIsKept = "This one is kept";
