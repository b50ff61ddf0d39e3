// The files that were just uploaded, shown from this device until the server has a thumbnail.

import { signal } from "@preact/signals";
import { onSignedOut } from "../session";

/** Object URLs by image id. */
export const localPictures = signal<ReadonlyMap<string, string>>(new Map());

export function addLocalPicture(imageId: string, file: File): void {
  const pictures = new Map(localPictures.value);
  localPictures.value = pictures.set(imageId, URL.createObjectURL(file));
}

/** Don't show this file any more. Some browsers can't draw every format that PixTag reads, such as HEIC. */
export function forgetLocalPicture(imageId: string): void {
  const pictures = new Map(localPictures.value);
  URL.revokeObjectURL(pictures.get(imageId) ?? "");
  pictures.delete(imageId);
  localPictures.value = pictures;
}

onSignedOut(() => {
  for (const url of localPictures.value.values()) {
    URL.revokeObjectURL(url);
  }
  localPictures.value = new Map();
});
