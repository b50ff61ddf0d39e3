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
/** `format`: JPEG, PNG, GIF, WebP, or HEIC or AVIF. */
export const tooManyPixels = (
  picture: { width: number; height: number; format: string; isProgressive: boolean },
  most: number,
) =>
  `This picture has ${formatNumber(picture.width)} × ${formatNumber(picture.height)} pixels (${formatNumber(Math.ceil((picture.width * picture.height) / 1e6))} megapixels). The limit for ${picture.isProgressive ? "progressive " : ""}${picture.format} files is ${formatNumber(most)} megapixels. Choose a smaller picture.`;
