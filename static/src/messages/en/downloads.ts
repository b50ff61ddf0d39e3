// The download of photos as zip files.

import { formatBytes, formatNumber } from "../../formats";
import { formatPhotos, plural } from "./formats";

export const downloadPhotos = "Download photos";
export const findingPhotos = (count: number) => `Finding the photos: ${formatNumber(count)} so far`;
export const nothingToDownload = "There are no photos to download.";
/** `parts`: the number of zip files. */
export const planOf = (photos: number, bytes: number, parts: number) =>
  `${formatPhotos(photos)}, ${formatBytes(bytes)}, in ${formatNumber(parts)} zip ${plural(parts, "file", "files")}.`;
export const contents =
  "The zip files contain the originals. Beside each photo, an XMP file has its tags, date, title, description, rating and place.";
export const chooseFolderLead = "Choose a folder for them.";
export const keepOpen = "Keep this page open until the download is complete.";
export const chooseFolder = "Choose folder";
export const download = "Download";
export const progressOf = (done: number, total: number) => `${formatBytes(done)} of ${formatBytes(total)}`;
export const zipFiles = "Zip files";
export const partWaiting = "Waiting";
export const partDone = "Done";
export const stopped = "Stopped.";
export const saveAgain = "Save again";
export const saveFileAgain = (name: string) => `Save again: ${name}`;
export const interrupted = "The connection was lost. Try again.";
export const noRoom =
  "Your browser has no room for this file. Free disk space, or select fewer photos, then try again.";
export const folderNotWritable = "The folder can't be written. Check it, then start the download again.";
export const photoIsGone = "This photo is no longer in your library.";
export const fileIncomplete = "PixTag doesn't have the whole file.";
export const linkRefused = (status: number) => `The file couldn't be read (${formatNumber(status)}).`;
export const isComplete = (photos: number) => `Downloaded ${formatPhotos(photos)}.`;
export const missingPhotos = (count: number) =>
  `${formatPhotos(count)} ${plural(count, "is", "are")} missing. A text file in the zip file lists ${plural(count, "it", "them")}.`;
export const missingPhoto = (name: string, reason: string) => `${name}: ${reason}`;
