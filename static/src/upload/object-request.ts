// Requests to the object store, which is S3 on AWS. They use XMLHttpRequest, because fetch doesn't report upload progress.

import * as messages from "#messages/uploads";
import { Problem, reportStatus, unreachableText } from "../http";
import { refusalOf } from "./refusal";

/** A browser doesn't tell a lost connection from a file that it can't read. */
function describeFailure(): string {
  return navigator.onLine ? messages.uploadFailed : unreachableText();
}

/** Send a form. `onProgress` gets the share of the form that was sent. */
export function submit(
  url: string,
  form: FormData,
  signal: AbortSignal,
  onProgress: (share: number) => void,
): Promise<void> {
  return request("POST", url, form, signal, ({ loaded, total }) => onProgress(total ? loaded / total : 0));
}

/** Send the bytes of a part. `onProgress` gets the number of bytes that were sent. */
export function put(url: string, bytes: Blob, signal: AbortSignal, onProgress: (bytes: number) => void): Promise<void> {
  return request("PUT", url, bytes, signal, ({ loaded }) => onProgress(loaded));
}

function request(
  method: "POST" | "PUT",
  url: string,
  body: FormData | Blob,
  signal: AbortSignal,
  onProgress: (event: ProgressEvent) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    request.upload.addEventListener("progress", onProgress);
    request.addEventListener("load", () => {
      reportStatus(request.status);
      return request.status < 300
        ? resolve()
        : reject(refusalOf(request.status, request.getResponseHeader("Retry-After")));
    });
    request.addEventListener("error", () => reject(new Problem(describeFailure())));
    request.addEventListener("abort", () => reject(signal.reason));
    signal.addEventListener("abort", () => request.abort());
    request.send(body);
  });
}
