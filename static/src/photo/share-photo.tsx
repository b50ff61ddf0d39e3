// The dialog that shares an open photo by a link.

import { signal } from "@preact/signals";
import { photosToShare } from "../sharing/share-terms";
import { lazy } from "../ui/lazy";
import type { Photo } from "./photo";

const ShareDialog = lazy(() => import("../sharing/share-dialog"));

const isOpen = signal(false);

/** Open the dialog for a photo. */
export function sharePhoto({ details }: Photo): void {
  isOpen.value = details.peek()?.state === "ready";
}

export function SharePhoto({ photo: { details, tags } }: { photo: Photo }) {
  const close = () => {
    isOpen.value = false;
  };
  const image = details.value;
  return (
    isOpen.value &&
    image && <ShareDialog target={photosToShare([{ ...image, tags: [...tags.value] }])} onClose={close} />
  );
}
