// One file to S3: the API gives a form for exactly this file, and the bytes go straight to the bucket.

import { post } from "../api";
import { Problem } from "../http";
import type { Upload } from "./queue";

const FAILED = "The file could not be sent. Check your connection, then try again.";

/** Send a file; returns the image that it becomes. `onSent` is told how many bytes are over there. */
export async function transfer(
  { name, type, size }: Pick<Upload, "name" | "type" | "size">,
  file: Blob,
  onSent: (bytes: number) => void,
): Promise<string> {
  const offer = await post("/uploads", { body: { name, type, size } });
  if (!offer.form) {
    return offer.id;
  }
  const form = new FormData();
  for (const [field, value] of Object.entries(offer.form.fields)) {
    form.set(field, value);
  }
  form.set("file", file, name);
  await submit(offer.form.url, form, (share) => onSent(Math.round(share * size)));
  return offer.id;
}

/** POST a form; XMLHttpRequest is what tells how far it is. */
function submit(url: string, form: FormData, onProgress: (share: number) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.upload.addEventListener("progress", ({ loaded, total }) => onProgress(total ? loaded / total : 0));
    request.addEventListener("load", () =>
      request.status < 300 ? resolve() : reject(new Problem(FAILED, request.status, "storage")),
    );
    request.addEventListener("error", () => reject(new Problem(FAILED)));
    request.send(form);
  });
}
