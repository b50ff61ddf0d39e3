// Divides the photos of a download into zip files. Pure.

/** A photo that is to be saved. */
export interface Entry {
  readonly id: string;
  readonly name: string;
  /** The bytes of its original. */
  readonly size: number;
}

const ENTRY_BYTES = 50_000; // at most, for the sidecar and both entries in the zip file

/** Divide photos into parts of at most `maxBytes`, in their order. A photo that is larger has a part of its own. */
export function planParts(entries: readonly Entry[], maxBytes: number): readonly (readonly Entry[])[] {
  const parts: Entry[][] = [];
  let room = 0;
  for (const entry of entries) {
    const bytes = entry.size + ENTRY_BYTES;
    if (bytes > room) {
      parts.push([]);
      room = maxBytes;
    }
    parts.at(-1)?.push(entry);
    room -= bytes;
  }
  return parts;
}

/** Return the bytes of the originals. */
export function sizeOf(entries: readonly Entry[]): number {
  return entries.reduce((sum, { size }) => sum + size, 0);
}
