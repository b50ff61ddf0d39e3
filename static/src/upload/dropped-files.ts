// The files in a drop, including the files in folders and their subfolders.

import { isNoPhoto, isPhotoType, mediaType, START_BYTES, startsLikePhoto } from "./photo-types";

/** Return the photos among the files of a folder. Other files in folders are skipped silently. */
export async function photosIn(files: readonly File[]): Promise<readonly File[]> {
  const photos: File[] = [];
  for (const file of files) {
    photos.push(...((await isPhoto(file)) ? [file] : []));
  }
  return photos;
}

/** Whether a file is a photo. It is read only if neither its type nor its name decides. */
async function isPhoto(file: File): Promise<boolean> {
  const type = mediaType(file);
  if (isPhotoType(type) || isPhotoType(mediaType({ name: file.name, type: "" })) || isNoPhoto(type)) {
    return !isNoPhoto(type);
  }
  const start = await file
    .slice(0, START_BYTES)
    .arrayBuffer()
    .catch(() => new ArrayBuffer(0));
  return startsLikePhoto(new Uint8Array(start));
}

/** Return all files of a drop. Call this in the event handler: the browser clears the data afterwards. */
export function filesOf({ items, files }: DataTransfer): Promise<readonly File[]> {
  const entries = [...items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  const loose = [...files];
  return entries.some(({ isDirectory }) => isDirectory) ? filesIn(entries) : Promise.resolve(loose);
}

/** Return the files of entries, and the photos in folders. Unreadable files are skipped. */
export async function filesIn(entries: readonly FileSystemEntry[], isInFolder = false): Promise<readonly File[]> {
  const files: File[] = [];
  for (const entry of entries) {
    if (entry.isDirectory) {
      const children = await childrenOf(entry as FileSystemDirectoryEntry);
      files.push(...(await filesIn(children, true)));
    } else {
      const file = await fileOf(entry as FileSystemFileEntry).catch(() => null);
      files.push(...(file && (!isInFolder || (await isPhoto(file))) ? [file] : []));
    }
  }
  return files;
}

/** Read all entries of a folder. The browser returns at most 100 per call, and none at the end. */
async function childrenOf(folder: FileSystemDirectoryEntry): Promise<readonly FileSystemEntry[]> {
  const reader = folder.createReader();
  const children: FileSystemEntry[] = [];
  for (;;) {
    const batch = await new Promise<FileSystemEntry[]>((resolve) => reader.readEntries(resolve, () => resolve([])));
    if (batch.length === 0) {
      return children;
    }
    children.push(...batch);
  }
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}
