// The trash.

import { formatNumber } from "../../formats";
import { formatPhotos, plural } from "./formats";

export const allPhotosInTheTrash = "all photos in the trash";
export const deletePermanently = "Delete permanently";
export const trash = "Trash";
export const trashLead = "Photos are deleted permanently after 30 days in the trash.";
export const restoreAll = "Restore all";
export const emptyTrash = "Empty trash";
export const theTrashIsEmpty = "The trash is empty";
export const trashEmptyText = "Photos that you delete stay here for 30 days.";
export const restorePhotos = "Restore photos";
export const photosWillReturn = (count: number) => `${formatPhotos(count)} will return to the library with all tags.`;
export const photosWillBeDeleted = (count: number) =>
  `${formatPhotos(count)} will be deleted permanently. This can't be undone.`;
export const daysLeft = (days: number) => `${formatNumber(days)} ${plural(days, "day", "days")} left`;
export const photosRestored = (count: number) => `${formatPhotos(count)} restored`;
export const photosDeleted = (count: number) => `${formatPhotos(count)} deleted permanently`;
/** What was done, as a message of its own. */
export const sentence = (text: string) => `${text}.`;
