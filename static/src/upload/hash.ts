// SHA-256 hashes of files, one at a time, so that only one file is in memory.

let last: Promise<unknown> = Promise.resolve();

/** Return the hash in hexadecimal; null without a secure context, or if the file can't be read. */
export function sha256(file: Blob): Promise<string | null> {
  const next = last.then(() => digest(file)).catch(() => null);
  last = next;
  return next;
}

async function digest(file: Blob): Promise<string | null> {
  if (!isSecureContext) {
    return null;
  }
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
