// The buttons that upload photos, and the reasons why a file is not accepted.

import { formatNumber } from "../../formats";
import { formatPhotos, plural } from "./formats";

export const photoRemoved = "This photo was removed.";
export const dropToUpload = "Drop to upload";
export const upload = "Upload";
export const moreWaysToUpload = "More ways to upload";
export const choosePhotos = "Choose photos";
export const chooseFolder = "Choose folder";
export const dropHint = "You can also drop files and folders anywhere, or paste a photo.";
export const photosToUpload = "Photos to upload";
export const folderToUpload = "Folder to upload";
export const noPhotosInThisFolder = "No photos in this folder.";
export const notAPhoto = "Not a photo. Choose a JPEG, PNG, WebP, GIF, HEIC or AVIF file.";
export const fileEmpty = "The file is empty.";
export const findingTags = (count: number) => `Finding tags in ${formatPhotos(count)}`;
export const countAdded = (count: number) => `${formatPhotos(count)} added`;
export const countDuplicates = (count: number) => `${formatNumber(count)} ${plural(count, "duplicate", "duplicates")}`;
export const countFailed = (count: number) => `${formatNumber(count)} failed`;
export const uploadingOf = (number: number, files: number) =>
  `Uploading ${formatNumber(number)} of ${formatNumber(files)}`;
export const tooLarge = (mebibytes: number) => `Larger than ${formatNumber(mebibytes)} MiB. Choose a smaller file.`;
const kindsOfPictures: Readonly<Record<string, string>> = {
  "WebP with transparency": "transparent WebP",
  "HEIC with more than 8 bits": "10-bit HEIC",
  "AVIF with transparency or more than 8 bits": "10-bit AVIF",
};
/** `kind`: a kind in `picture-limits.json`; null for HEIC or AVIF. `most` is in megapixels. */
export const tooManyPixels = (picture: { width: number; height: number; kind: string | null }, most: number) => {
  const kind = picture.kind === null ? "HEIC or AVIF" : (kindsOfPictures[picture.kind] ?? picture.kind);
  const megapixels = Math.ceil((picture.width * picture.height) / 1e6);
  return `This picture has ${formatNumber(picture.width)} × ${formatNumber(picture.height)} pixels (${formatNumber(megapixels)} megapixels). The limit for ${kind} files is ${formatNumber(most)} megapixels. Choose a smaller picture.`;
};
