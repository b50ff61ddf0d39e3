// The panel of uploads.

import { formatBytes, formatNumber } from "../../formats";

export const uploadFailed = "Couldn't upload the file. Check your connection and the file, then try again.";
export const uploads = "Uploads";
export const cancelAll = "Cancel all";
export const hideFiles = "Hide files";
export const showFiles = "Show files";
export const allFiles = "All files";
export const cancelFile = (name: string) => `Cancel ${name}`;
export const noTags = "no tags";
export const dismissFile = (name: string) => `Dismiss ${name}`;
export const download = "Download";
export const waiting = "Waiting";
export const detecting = "Detecting";
export const duplicate = "Duplicate";
export const uploadNow = "Upload now";
export const chooseFiles = "Choose files";
export const fileIncomplete = "The file didn't arrive completely. Try again.";
export const uploadTooLate = "The upload took too long to start. Try again.";
export const fileTooLarge = "The file is too large. Choose a smaller file.";
export const diskFull = "The disk of this PixTag is full, so the file wasn't stored. Free disk space, then try again.";
export const fileNotStored = "The file wasn't stored. Try again in a moment.";
export const libraryFull = "Your library is full. Move photos to the trash and empty it, then try again.";
export const busyContinues = (seconds: number) => `PixTag is busy. The upload continues in ${seconds} s.`;
export const files = "Files";
export const andMore = (count: number) => `and ${formatNumber(count)} more`;
export const bytesLeft = (bytes: number) => `${formatBytes(bytes)} left`;
export const downloadFile = (name: string) => `Download ${name}`;
export const fileNotUploaded = (name: string) => `${name} wasn't uploaded.`;
export const filesNotUploaded = (count: number) => `${formatNumber(count)} files weren't uploaded.`;
/** `more`: the number of files without a name here. */
export const chooseAgain = (names: readonly string[], more: number) =>
  `Choose these files again: ${names.join(", ")}${more > 0 ? ` and ${formatNumber(more)} more` : ""}.`;
/** `problem`: why PixTag can't be reached. */
export const paused = (problem: string, isOnline: boolean) =>
  `${problem}. Uploads continue when ${isOnline ? "it's back" : "you're back online"}.`;
export const nothingShared = "The other app didn't share a photo.";
export const sharingFailed =
  "The shared photos didn't arrive. Your browser may have no room for them. Choose them with Upload.";
