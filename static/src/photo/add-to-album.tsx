// The dialog that adds an open photo to an album.

import { signal } from "@preact/signals";
import { lazy } from "../ui/lazy";
import type { Photo } from "./photo";

const Dialog = lazy(async () => ({ default: (await import("../library/add-to-album-dialog")).AddToAlbumDialog }));

const isOpen = signal(false);

/** Open the dialog for a photo. Only ready photos can be in albums. */
export function chooseAlbum({ details }: Photo): void {
  isOpen.value = details.peek()?.state === "ready";
}

export function AddToAlbum({ photo }: { photo: Photo }) {
  const close = () => {
    isOpen.value = false;
  };
  return (
    isOpen.value && (
      <Dialog
        target={{ ids: [photo.id] }}
        size={1}
        onChanged={() => void photo.load(new AbortController().signal)}
        onDone={() => {}}
        onClose={close}
      />
    )
  );
}
