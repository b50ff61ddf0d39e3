// Upload one file: the API returns a form for it, and the file goes to the object store, which is S3 on AWS.

import { post } from "../api";
import { Problem, reportStatus } from "../http";
import { session } from "../session";
import { discard } from "./discard";
import type { Upload } from "./queue";
import { refusalOf } from "./refusal";
import { retryWhenBusy } from "./retry";

const FAILED = "Couldn't upload the file. Check your connection and the file, then try again.";

export interface Transfer {
  /** The file's hash in hexadecimal; null if it is unknown. */
  readonly sha256: string | null;
  readonly signal: AbortSignal;
  /** Called with the id of the new image. */
  readonly onOffer: (imageId: string) => void;
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

/** Upload a file. If that fails or is cancelled, the new image is deleted. */
export async function transfer(
  upload: Pick<Upload, "name" | "type" | "size">,
  file: Blob,
  { sha256, signal, onOffer, onSent, onWait }: Transfer,
): Promise<TransferResult> {
  const { name, type, size } = upload;
  const body = { name, type, size, ...(sha256 && { sha256 }) };
  const offer = await retryWhenBusy(() => post("/uploads", { body, signal }), signal, onWait);
  if (!offer.form) {
    return { imageId: offer.id, isDuplicate: true };
  }
  onOffer(offer.id);
  const form = new FormData();
  for (const [field, value] of Object.entries(offer.form.fields)) {
    form.set(field, value);
  }
  form.set("file", file, name);
  const { url } = offer.form;
  const sendForm = () => submit(url, form, signal, (share) => onSent(Math.round(share * size)));
  try {
    await retryWhenBusy(sendForm, signal, onWait);
  } catch (error) {
    if (session.value === "in") {
      void discard(offer.id);
    }
    throw error;
  }
  return { imageId: offer.id, isDuplicate: false };
}

/** Send a form with XMLHttpRequest, because fetch doesn't report upload progress. */
function submit(url: string, form: FormData, signal: AbortSignal, onProgress: (share: number) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.upload.addEventListener("progress", ({ loaded, total }) => onProgress(total ? loaded / total : 0));
    request.addEventListener("load", () => {
      reportStatus(request.status);
      return request.status < 300
        ? resolve()
        : reject(refusalOf(request.status, request.getResponseHeader("Retry-After")));
    });
    request.addEventListener("error", () => reject(new Problem(FAILED)));
    request.addEventListener("abort", () => reject(signal.reason));
    signal.addEventListener("abort", () => request.abort());
    request.send(form);
  });
}
