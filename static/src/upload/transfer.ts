// One file to S3: the API gives a form for exactly this file, and the bytes go straight to the bucket.

import { del, post } from "../api";
import { Problem } from "../http";
import { session } from "../session";
import type { Upload } from "./queue";
import { patiently } from "./retry";

const FAILED = "The file could not be sent. Check your connection, then try again.";

export interface Transfer {
  /** Of the file, in hexadecimal; null if it is not known. */
  readonly sha256: string | null;
  readonly signal: AbortSignal;
  /** Told which image it is going to be. */
  readonly onOffer: (imageId: string) => void;
  /** Told how many bytes are over there. */
  readonly onSent: (bytes: number) => void;
  /** Told when PixTag asks for a pause. */
  readonly onWait: (seconds: number) => void;
}

export interface Arrived {
  readonly imageId: string;
  /** The library had these bytes already: nothing was sent. */
  readonly isKnown: boolean;
}

/** Send a file. What was offered and not used, because that failed or was cancelled, is taken back. */
export async function transfer(
  upload: Pick<Upload, "name" | "type" | "size">,
  file: Blob,
  { sha256, signal, onOffer, onSent, onWait }: Transfer,
): Promise<Arrived> {
  const { name, type, size } = upload;
  const body = { name, type, size, ...(sha256 && { sha256 }) };
  const offer = await patiently(() => post("/uploads", { body, signal }), signal, onWait);
  if (!offer.form) {
    return { imageId: offer.id, isKnown: true };
  }
  onOffer(offer.id);
  const form = new FormData();
  for (const [field, value] of Object.entries(offer.form.fields)) {
    form.set(field, value);
  }
  form.set("file", file, name);
  try {
    await submit(offer.form.url, form, signal, (share) => onSent(Math.round(share * size)));
  } catch (error) {
    if (session.value === "in") {
      del("/images/{image_id}", { path: { image_id: offer.id } }).catch(() => {});
    }
    throw error;
  }
  return { imageId: offer.id, isKnown: false };
}

/** POST a form; XMLHttpRequest is what tells how far it is. */
function submit(url: string, form: FormData, signal: AbortSignal, onProgress: (share: number) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.upload.addEventListener("progress", ({ loaded, total }) => onProgress(total ? loaded / total : 0));
    request.addEventListener("load", () =>
      request.status < 300 ? resolve() : reject(new Problem(FAILED, request.status, "storage")),
    );
    request.addEventListener("error", () => reject(new Problem(FAILED)));
    request.addEventListener("abort", () => reject(signal.reason));
    signal.addEventListener("abort", () => request.abort());
    request.send(form);
  });
}
