// The files that an earlier page didn't send.

import { signal } from "@preact/signals";
import { del, get } from "../api";
import { everything, unsentIds } from "../library/feeds";
import { discard } from "./discard";
import type { PendingUpload } from "./pending-store";
import { forgetPending, readLeftBehind } from "./pending-uploads";

export const leftBehind = signal<readonly PendingUpload[]>([]);

/** Find files that an earlier page didn't send. */
export async function findLeftBehind(): Promise<void> {
  const pending = await withImageIds(await readLeftBehind());
  const sent = await Promise.all(pending.map(wasSent));
  void forgetPending(pending.filter((_, index) => sent[index]).map(({ key }) => key));
  leftBehind.value = pending.filter((_, index) => !sent[index]);
  everything().remove(unsentIds.value);
}

/** Add missing image ids by name and size. A page may close before it has saved the id of a new image. */
async function withImageIds(uploads: readonly PendingUpload[]): Promise<readonly PendingUpload[]> {
  if (uploads.every(({ imageId }) => imageId)) {
    return uploads;
  }
  const waiting = await get("/images", { query: { state: "pending", limit: 100 } }).catch(() => null);
  return uploads.map((pending) => {
    const image = waiting?.images.find(({ name, size }) => name === pending.name && size === pending.size);
    return { ...pending, imageId: pending.imageId || (image?.id ?? "") };
  });
}

/**
 * Whether the file arrived after all. If not, its pending image is deleted; the next upload creates a new one. An upload
 * in parts is continued.
 */
async function wasSent({ imageId, isInParts, file }: PendingUpload): Promise<boolean> {
  if (!imageId) {
    return false;
  }
  const path = { image_id: imageId };
  const image = await get("/images/{image_id}", { path }).catch(() => null);
  if (image?.state === "pending" && file && !isInParts) {
    await del("/images/{image_id}", { path }).catch(() => {});
    everything().remove(new Set([imageId]));
  }
  return image?.state === "ready";
}

/** Forget files that an earlier page didn't send. They disappear only after the deletion, so that they stay away. */
export async function dismissLeftBehind(): Promise<void> {
  const dismissed = leftBehind.value;
  for (const { imageId, isInParts } of dismissed) {
    if (isInParts && imageId) {
      void discard(imageId);
    }
  }
  await forgetPending(dismissed.map(({ key }) => key));
  leftBehind.value = leftBehind.value.filter((pending) => !dismissed.includes(pending));
}

/** Forget files that are uploaded again. */
export function dropLeftBehind(gone: readonly PendingUpload[]): void {
  void forgetPending(gone.map(({ key }) => key));
  leftBehind.value = leftBehind.value.filter((pending) => !gone.includes(pending));
}
