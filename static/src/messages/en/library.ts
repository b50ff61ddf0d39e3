// The library, lists of photos, and the selection.

import { formatNumber } from "../../formats";
import { formatPhotos } from "./formats";

export const countUnchanged = (count: number) => `${formatNumber(count)} unchanged`;
export const countFailed = (count: number) => `${formatNumber(count)} failed`;
export const today = "Today";
export const yesterday = "Yesterday";
export const deletePhoto = "Delete photo";
export const deleteButton = "Delete";
export const deleteIt = (name: string) => `Delete ${name}`;
export const tags = "Tags";
export const showTags = "Show tags";
export const smallerPhotos = "Smaller photos";
export const largerPhotos = "Larger photos";
export const photosInTheList = "Photos in the list";
export const addToAlbum = "Add to album";
export const addTags = "Add tags";
export const removeTags = "Remove tags";
export const renameATag = "Rename a tag";
export const changeDates = "Change dates";
export const download = "Download";
export const moveToTrash = "Move to trash";
export const favourite = "Favourite";
export const favourites = "Favourites";
export const favouriteIt = (name: string) => `Favourite: ${name}`;
export const markFavourites = "Add to favourites";
export const removeFavourites = "Remove from favourites";
export const allResults = "all results";
export const theWholeLibrary = "the whole library";
export const datesThatCantBeRight = "Dates that can't be right";
export const countWithoutDate = (count: number) => `${formatNumber(count)} without a date`;
export const inMonth = (name: string) => `in ${name}`;
export const detectingObjects = (name: string) => `${name}: detecting objects`;
export const cantBeRead = (name: string) => `${name}: can't be read`;
export const noTags = "no tags";
export const dateTaken = "Date taken";
export const dateAdded = "Date added";
export const library = "Library";
export const sortBy = "Sort by";
export const selectIt = (name: string) => `Select ${name}`;
export const selection = "Selection";
export const clearSelection = "Clear selection";
export const clearSelectionEsc = "Clear selection (Esc)";
export const selected = "selected";
export const countSelected = (count: number) => `${formatNumber(count)} selected`;
export const selectionCleared = "Selection cleared";
export const diskAlmostFull =
  "The disk of this PixTag is almost full. You can't upload photos. To free space, delete photos in the trash, or other files on this disk.";
export const diskFull =
  "The disk of this PixTag is full. You can view and delete photos, but not upload or edit them. To free space, delete photos in the trash, or other files on this disk.";
export const diskReadOnly =
  "PixTag can't write to its disk. You can view and download photos, but not upload, edit or delete them. The person who runs PixTag needs to check the disk.";
export const tagWithReserved = (reserved: string) => `A tag can't contain ${reserved}. Use a space instead.`;
export const tagWithExclamationMark = "A tag can't start with !. Leave it out.";
export const tagWithMeaning = (text: string) => `${text} has a special meaning in searches. Choose another name.`;
export const tagInvisible =
  "A tag can't contain only invisible characters, or characters that change how text is shown.";
export const tagTooLong = (most: number) => `Use at most ${most} characters.`;
export const detecting = "Detecting";
export const damaged = "Damaged";
export const undoChangeWithKey = (text: string) => `Undo: ${text} (Ctrl+Z)`;
export const undoing = "Undoing…";
export const photosRestored = (count: number) => `${formatPhotos(count)} restored.`;
export const workerStopped = "The worker isn't running. New photos stay pending until it starts again.";
export const loadNewerPhotos = "Load newer photos";
export const stopped = "Stopped.";
export const photosChanged = (count: number) => `${formatPhotos(count)} changed`;
export const deletedOn = (day: string) => `Deleted ${day}`;
export const addedOn = (day: string) => `Added ${day}`;
export const noDateAddedOn = (day: string) => `No date: added ${day}`;
/** A day inside a text: `today`, but `Friday 20 November`. */
export const dayInText = (name: string) => (name === today || name === yesterday ? name.toLowerCase() : name);
/** A day in the format of the browser as a heading. */
export const dayHeading = (day: string) => day.replace(",", "");
export const undoChange = (text: string) => `Undo: ${text}`;
/** What was done, as a message of its own. */
export const sentence = (text: string) => `${text}.`;
export const willBeDeleted = (name: string) =>
  `${name} will be deleted permanently. PixTag can't show it, but keeps its file. If you have no other copy, download the original first.`;
