// Search by photo. A file that is too large for a request is scaled down first. The API doesn't store it.

import * as messages from "#messages/find";
import { post } from "../api";
import { Problem } from "../http";
import { fitSize, MAX_BYTES } from "./image-size";

const QUALITY = 0.9;
const UNREADABLE = messages.fileTooLarge;

/** Find images with the objects that are detected in a file. */
export async function searchByPhoto(file: File, signal: AbortSignal) {
  const form = new FormData();
  form.set("file", file.size > MAX_BYTES ? await scaleDown(file) : file, file.name);
  return post("/search/image", { body: form, signal });
}

async function scaleDown(file: File): Promise<Blob> {
  const bitmap = await createImageBitmap(file).catch(() => null);
  const canvas = document.createElement("canvas");
  Object.assign(canvas, fitSize(bitmap ?? { width: 1, height: 1 }));
  const context = canvas.getContext("2d");
  if (!(bitmap && context)) {
    throw new Problem(UNREADABLE, 413, "wrong-size");
  }
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Problem(UNREADABLE))), "image/jpeg", QUALITY),
  );
}
