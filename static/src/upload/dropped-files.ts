// The files in what was dropped: those of folders too, and of the folders in them.

import { mediaType, refusal } from "./queue";

/** Whether something is taken from a folder: what lies there beside photographs is left out without a word. */
export function isPhotograph(file: File): boolean {
  return refusal({ type: mediaType(file), size: 1 }) === "";
}

/** All files that were dropped. It has to be called while the event is handled: later the browser tells nothing. */
export function dropped({ items, files }: DataTransfer): Promise<readonly File[]> {
  const entries = [...items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  const loose = [...files];
  return entries.some(({ isDirectory }) => isDirectory) ? within(entries) : Promise.resolve(loose);
}

/** The files of entries, and the photographs of folders; what cannot be read is left out. */
export async function within(entries: readonly FileSystemEntry[], isInFolder = false): Promise<readonly File[]> {
  const found: File[] = [];
  for (const entry of entries) {
    if (entry.isDirectory) {
      const children = await childrenOf(entry as FileSystemDirectoryEntry);
      found.push(...(await within(children, true)));
    } else {
      const file = await fileOf(entry as FileSystemFileEntry).catch(() => null);
      found.push(...(file && (!isInFolder || isPhotograph(file)) ? [file] : []));
    }
  }
  return found;
}

/** A folder tells at most a hundred of its entries at a time, and none when there are no more. */
async function childrenOf(folder: FileSystemDirectoryEntry): Promise<readonly FileSystemEntry[]> {
  const reader = folder.createReader();
  const children: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve) => reader.readEntries(resolve, () => resolve([])));
    if (some.length === 0) {
      return children;
    }
    children.push(...some);
  }
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}
