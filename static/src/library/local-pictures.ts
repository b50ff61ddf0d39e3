// The files that were just uploaded, shown from this device until the server has a thumbnail.

import { batch, signal } from "@preact/signals";
import { onSignedOut } from "../session";
import { localShapes, type Shape } from "./local-shapes";

/** Object URLs by image id. */
export const localPictures = signal<ReadonlyMap<string, string>>(new Map());

/** Show a file until the server has a thumbnail. */
export function addLocalPicture(imageId: string, file: File, shape: Shape | null): void {
  batch(() => {
    localPictures.value = new Map(localPictures.value).set(imageId, URL.createObjectURL(file));
    if (shape) {
      localShapes.value = new Map(localShapes.value).set(imageId, shape);
    }
  });
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
  localShapes.value = new Map();
});
