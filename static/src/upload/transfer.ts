// Upload one file: the API returns a form or parts for it, and the file goes to the object store, which is S3 on AWS.

import { post } from "../api";
import { retryWhenBusy } from "../retry";
import { session } from "../session";
import { discard } from "./discard";
import { fileTime } from "./file-time";
import { submit } from "./object-request";
import { findMissing, sendParts } from "./parts";
import type { Upload } from "./queue";

export interface Transfer {
  /** The file's hash in hexadecimal; null if it is unknown. */
  readonly sha256: string | null;
  readonly signal: AbortSignal;
  /** Called with the id of the new image, and whether the file is sent in parts. */
  readonly onOffer: (imageId: string, isInParts: boolean) => void;
  /** Called with the number of sent bytes. */
  readonly onSent: (bytes: number) => void;
  /** Called when the API asks for a pause. */
  readonly onWait: (seconds: number) => void;
}

export interface TransferResult {
  readonly imageId: string;
  /** Whether the library already has this file; then nothing was sent. */
  readonly isDuplicate: boolean;
}

/**
 * Upload a file. If that fails or is cancelled, the new image is deleted. An upload in parts is deleted only if it is
 * cancelled, because the next attempt continues it.
 */
export async function transfer(upload: Upload, file: File, how: Transfer): Promise<TransferResult> {
  const { signal, onSent, onWait } = how;
  if (upload.isInParts) {
    const missing = await findMissing(upload.imageId, signal);
    if (missing) {
      return await finish(upload.imageId, () => sendParts(missing, { ...how, imageId: upload.imageId, file }), signal);
    }
  }
  const { name, type, size } = upload;
  const lastModified = fileTime(file.lastModified);
  const body = {
    name,
    type,
    size,
    ...(how.sha256 && { sha256: how.sha256 }),
    ...(lastModified && { last_modified: lastModified }),
  };
  const { id, form, parts } = await retryWhenBusy(() => post("/uploads", { body, signal }), signal, onWait);
  if (parts) {
    how.onOffer(id, true);
    return await finish(id, () => sendParts(parts, { ...how, imageId: id, file }), signal);
  }
  if (!form) {
    return { imageId: id, isDuplicate: true };
  }
  how.onOffer(id, false);
  const data = new FormData();
  for (const [field, value] of Object.entries(form.fields)) {
    data.set(field, value);
  }
  data.set("file", file, name);
  const sendForm = () => submit(form.url, data, signal, (share) => onSent(Math.round(share * size)));
  return await finish(id, () => retryWhenBusy(sendForm, signal, onWait));
}

/** Send the file of an image. Delete the image if it is cancelled; without a `signal`, after any failure. */
async function finish(imageId: string, send: () => Promise<void>, signal?: AbortSignal): Promise<TransferResult> {
  try {
    await send();
  } catch (error) {
    if (session.value === "in" && (!signal || signal.aborted)) {
      void discard(imageId);
    }
    throw error;
  }
  return { imageId, isDuplicate: false };
}
