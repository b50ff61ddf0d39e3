// SHA-256 of files, one after the other so that no more than one is in memory.

let last: Promise<unknown> = Promise.resolve();

/** The hash in hexadecimal; null where the browser has none to offer (plain http) or the file cannot be read. */
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
