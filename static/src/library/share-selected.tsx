// Share the selected photos by a link.

import { useEffect } from "preact/hooks";
import * as controls from "#messages/controls";
import * as messages from "#messages/shares";
import ShareDialog from "../sharing/share-dialog";
import { MAX_PHOTOS, photosToShare } from "../sharing/share-terms";
import { Dialog } from "../ui/dialog";
import type { EditProps } from "./selected-edit";

export function ShareSelected({ selection: { feed, images, size, whole }, onClose }: EditProps) {
  const status = feed.status.value;
  const isPart = whole.value !== null && size.value <= MAX_PHOTOS && status !== "end" && status !== "failed";
  useEffect(() => {
    if (isPart) {
      void feed.more(); // the link needs the ids of all photos
    }
  }, [feed, isPart, status]);
  return isPart ? (
    <Dialog title={messages.sharePhotos(size.value)} onClose={onClose}>
      <p role="status">
        <span class="spinner" /> {controls.loading}
      </p>
    </Dialog>
  ) : (
    <ShareDialog target={photosToShare(images.value, whole.value ? size.value : 0)} onClose={onClose} />
  );
}
