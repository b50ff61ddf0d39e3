// The dialogs that change the selected photos, and the dialog of an undo.

import { formatNumber } from "../../formats";
import { formatPhotos, plural } from "./formats";

export const addTags = "Add tags";
export const counting = "Counting…";
export const stopping = "Stopping…";
export const setOneDate = "Set";
export const shiftDates = "Shift";
export const resetDates = "From files";
export const changeDates = "Change dates";
export const change = "Change";
export const days = "Days";
export const hours = "Hours";
export const minutes = "Minutes";
export const direction = "Direction";
export const later = "Later";
export const earlier = "Earlier";
export const preview = "Preview";
export const photo = "Photo";
export const becomes = "becomes";
export const noDate = "No date";
export const removeTags = "Remove tags";
export const renameATag = "Rename a tag";
export const renameTag = "Rename tag";
export const tag = "Tag";
export const newName = "New name";
export const renameHint = "Only the selected photos change. If a photo has both tags, their counts are added.";
export const photosWillChange = (count: number) => `${formatPhotos(count)} will change.`;
export const noPhotosWillChange = "No photos will change.";
export const countPerPhoto = "Count per photo";
export const addAnotherTag = "Add another tag";
export const moveToTrash = "Move to trash";
export const tagNumber = (number: number) => `Tag ${number}`;
export const countOfTagNumber = (number: number) => `Count of tag ${number}`;
export const removeTagNumber = (number: number) => `Remove tag ${number}`;
export const progressOf = (done: number, size: number) => `${formatNumber(done)} of ${formatNumber(size)}`;
export const busyContinues = (seconds: number) => ` – PixTag is busy. It continues in ${seconds} s.`;
export const changesAreKept = (problem: string) => `${problem} Changes made so far are kept.`;
export const wereChecked = (checked: number, size: number) =>
  `${formatPhotos(checked)} of ${formatNumber(size)} were checked.`;
export const photosWillMove = (count: number) =>
  `${formatPhotos(count)} will move to the trash. You can restore ${plural(count, "it", "them")} for 30 days.`;
export const photosMoved = (count: number) => `${formatPhotos(count)} moved to the trash`;
export const photosRestored = (count: number) => `${formatPhotos(count)} restored.`;
export const undoAgain = (problem: string) => `${problem} Undo again to continue.`;
export const photosKept = (count: number) =>
  `${formatPhotos(count)} ${plural(count, "was changed since then, and stays as it is", "were changed since then, and stay as they are")}:`;
