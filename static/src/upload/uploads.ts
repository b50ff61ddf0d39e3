// The queue at work: takes files, sends a few at a time, and puts what they become into the library.

import { signal } from "@preact/signals";
import { get } from "../api";
import { wordsFor } from "../http";
import { everything } from "../library/library";
import { onSignedOut } from "../session";
import { added, changed, cleared, due, mediaType, type Queue, retried, type Upload } from "./queue";
import { transfer } from "./transfer";

export const queue = signal<Queue>([]);

/** What is on the pictures that were just sent, from this machine: addresses of blobs by image id. */
export const localPictures = signal<ReadonlyMap<string, string>>(new Map());

const files = new Map<number, File>();
let last = 0;

/** Upload files. */
export function upload(chosen: Iterable<File>): void {
  const entries = [...chosen].map((file) => {
    last += 1;
    files.set(last, file);
    return { id: last, name: file.name, type: mediaType(file), size: file.size };
  });
  queue.value = added(queue.value, entries);
  proceed();
}

export function retry(id?: number): void {
  queue.value = retried(queue.value, id);
  proceed();
}

export function clear(): void {
  queue.value = cleared(queue.value);
}

function proceed(): void {
  for (const one of due(queue.value)) {
    void run(one);
  }
}

function change(id: number, what: Partial<Omit<Upload, "id">>): void {
  queue.value = changed(queue.value, id, what);
}

async function run(one: Upload): Promise<void> {
  const file = files.get(one.id);
  if (!file) {
    return;
  }
  change(one.id, { state: "sending" });
  try {
    const imageId = await transfer(one, file, (sent) => change(one.id, { sent }));
    change(one.id, { state: "sent", sent: one.size, imageId });
    files.delete(one.id);
    await show(imageId, file);
  } catch (error) {
    change(one.id, { state: "failed", reason: wordsFor(error) });
  }
  proceed();
}

/** Show the image in the library at once, with the picture that this machine has. */
async function show(imageId: string, file: File): Promise<void> {
  const pictures = new Map(localPictures.value);
  localPictures.value = pictures.set(imageId, URL.createObjectURL(file));
  const image = await get("/images/{image_id}", { path: { image_id: imageId } }).catch(() => null);
  if (image) {
    everything().put(image);
  }
}

onSignedOut(() => {
  queue.value = [];
  files.clear();
  for (const address of localPictures.value.values()) {
    URL.revokeObjectURL(address);
  }
  localPictures.value = new Map();
});
