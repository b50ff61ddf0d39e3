// Adds the images of uploaded files to the library, and copies their states to the queue.

import { effect, signal } from "@preact/signals";
import * as messages from "#messages/upload";
import { get } from "../api";
import { pause } from "../http";
import { everything, forgetSearches } from "../library/feeds";
import { addLocalPicture } from "../library/local-pictures";
import type { Shape } from "../library/local-shapes";
import type { ImageDetails } from "../schemas";
import { onSignedOut, session } from "../session";
import { changeUpload, followImage, type Queue, type Upload } from "./queue";

const SEARCH_DELAY_MS = 500;
const SHOW_ATTEMPTS = 20;
const SHOW_PAUSE_MS = 3000;

export const queue = signal<Queue>([]);

/** The ids of uploads whose failed images are being processed again. */
export const retried = signal<ReadonlySet<number>>(new Set());

/** The files of the queue by the ids of their uploads, until PixTag has found their tags. */
export const files = new Map<number, File>();

const listed = new Set<string>(); // ids of sent images that have appeared in the library

export function change(id: number, what: Partial<Omit<Upload, "id">>): void {
  queue.value = changeUpload(queue.value, id, what);
}

/** Return the shape of a picture; null if it is unknown. The first load does not need what reads headers of files. */
async function readShape(file: File): Promise<Shape | null> {
  const shapes = await import("./shape").catch(() => null);
  return shapes && (await shapes.readShape(file));
}

/**
 * Add the image to the library at once, with the local file as its picture.
 *
 * Returns its id. It is another one if PixTag has found out already that the library had the same file.
 */
export async function show(imageId: string, file: File | null): Promise<string> {
  const [image, shape] = await Promise.all([read(imageId), file && readShape(file)]);
  if (file) {
    addLocalPicture(imageId, file, shape);
  }
  if (image) {
    everything().arrive(image);
    return image.id;
  }
  void showLater(imageId);
  return imageId;
}

/** Return an image; null if it can't be read. */
function read(imageId: string): Promise<ImageDetails | null> {
  return get("/images/{image_id}", { path: { image_id: imageId } }).catch(() => null);
}

/** Add a sent image that couldn't be read yet. */
async function showLater(imageId: string): Promise<void> {
  for (let attempt = 1; attempt <= SHOW_ATTEMPTS && session.value === "in"; attempt += 1) {
    await pause(SHOW_PAUSE_MS);
    const image = await read(imageId);
    if (image) {
      everything().arrive(image);
      for (const { id } of image.id === imageId ? [] : queue.value.filter((item) => item.imageId === imageId)) {
        change(id, { state: "duplicate", imageId: image.id });
      }
      return;
    }
  }
}

// The library polls while images are pending. Copy their states to the uploads.
let searchTimer = 0;
effect(() => {
  const sent = queue.value.filter(({ state, id }) => state === "sent" && !retried.value.has(id));
  if (sent.length === 0) {
    return;
  }
  const { images: loaded, arrivals } = everything();
  const images = new Map([...loaded.value.map((image) => [image.id, image] as const), ...arrivals.images.value]);
  const after = sent.map((item) => followImage(item, images.get(item.imageId)));
  const lost = sent.filter(({ imageId }) => listed.has(imageId) && !images.has(imageId));
  for (const { imageId } of sent.filter((item) => images.has(item.imageId))) {
    listed.add(imageId);
  }
  const updates = new Map(after.filter((item, index) => item !== sent[index]).map((item) => [item.id, item]));
  if (updates.size > 0) {
    for (const item of updates.values()) {
      if (item.state === "ready") {
        files.delete(item.id);
      }
    }
    queue.value = queue.value.map((item) => updates.get(item.id) ?? item);
    clearTimeout(searchTimer);
    searchTimer = setTimeout(forgetSearches, SEARCH_DELAY_MS) as unknown as number;
  }
  for (const item of lost) {
    listed.delete(item.imageId);
    void findMerged(item);
  }
});

/** Find the image that a sent one was merged into, because the library already had the same file. */
async function findMerged({ id, imageId }: Upload): Promise<void> {
  const image = await read(imageId);
  if (image) {
    everything().arrive(image);
  }
  change(id, image ? { state: "duplicate", imageId: image.id } : { state: "rejected", reason: messages.photoRemoved });
}

onSignedOut(() => {
  files.clear();
  listed.clear();
});
