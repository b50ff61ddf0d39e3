// Searching by a picture: it is made smaller if it is too large for a request, and shown to PixTag, which keeps nothing.

import { post } from "../api";
import { Problem } from "../http";
import { fitted, MAX_BYTES } from "./image-size";

const QUALITY = 0.9;
const UNREADABLE =
  "This file is too large to be sent, and this browser cannot make it smaller. Choose a JPEG or PNG, or one below 4 MiB.";

/** Find the images that show what a picture shows. */
export async function findLike(file: File, signal: AbortSignal) {
  const form = new FormData();
  form.set("file", file.size > MAX_BYTES ? await smaller(file) : file, file.name);
  return post("/search/image", { body: form, signal });
}

async function smaller(file: File): Promise<Blob> {
  const bitmap = await createImageBitmap(file).catch(() => null);
  const canvas = document.createElement("canvas");
  Object.assign(canvas, fitted(bitmap ?? { width: 1, height: 1 }));
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
