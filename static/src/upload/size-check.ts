// Rejects a file before its upload if PixTag can't show a picture of its size.

import { Problem } from "../http";
import { HEADER_BYTES, sizeRejection } from "./picture-limits";

/** Throw a Problem if the header of a file shows that its picture is too large. */
export async function requireShowable(file: Blob): Promise<void> {
  // A file that can't be read fails in the upload, which says so.
  const bytes = await file
    .slice(0, HEADER_BYTES)
    .arrayBuffer()
    .catch(() => new ArrayBuffer());
  const rejection = sizeRejection(new Uint8Array(bytes), file.size);
  if (rejection) {
    throw new Problem(rejection, 413, "too-many-pixels");
  }
}
