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
const kinds = {
  jpeg: "JPEG",
  progressiveJpeg: "progressive JPEG",
  png: "PNG",
  gif: "GIF",
  webp: "WebP",
  losslessWebp: "lossless WebP",
  transparentWebp: "transparent WebP",
  animatedWebp: "animated WebP",
  heic: "HEIC",
  deepHeic: "10-bit HEIC",
  transparentHeic: "transparent HEIC",
  avif: "AVIF",
  deepAvif: "10-bit AVIF",
};

/** `most` is in megapixels. The kind is null for a HEIC or AVIF file whose header does not tell more. */
export const tooManyPixels = (
  picture: { readonly kind: keyof typeof kinds | null; readonly width: number; readonly height: number },
  most: number,
): string =>
  `This picture has ${formatNumber(picture.width)} × ${formatNumber(picture.height)} pixels (${formatNumber(Math.ceil((picture.width * picture.height) / 1e6))} megapixels). The limit for ${picture.kind ? kinds[picture.kind] : "HEIC or AVIF"} files is ${formatNumber(most)} megapixels. Choose a smaller picture.`;
