// Where zip files are written: a folder that the person chose, the browser's own disk space, or its memory.

import * as messages from "#messages/downloads";
import { saveFile } from "../ui/save-file";
import { STAGING } from "./staging";

const GIGABYTE = 1e9;
const MAX_IN_MEMORY = 250e6;
const LOCK = "pixtag-download-";
const KEPT_MS = 60_000; // until the browser has copied a file

/** Writes the zip files of a download. */
export interface Storage {
  /** The most bytes that a zip file should have. */
  readonly maxBytes: number;
  /** Write a file. After an error, nothing of it is left. Returns a function that saves it again; null if none can. */
  readonly write: (name: string, bytes: ReadableStream<Uint8Array>) => Promise<(() => void) | null>;
  /** Delete the copies of the files, but leave the browser the time to save the last one. */
  readonly close: () => void;
}

type DirectoryPicker = (options: object) => Promise<FileSystemDirectoryHandle>;

/** Whether the browser can write to a folder that the person chooses. */
export function canChooseFolder(): boolean {
  return "showDirectoryPicker" in globalThis;
}

/** Let the person choose a folder; null if they choose none. Call this in an event handler. */
export async function chooseFolder(): Promise<Storage | null> {
  const pick = (globalThis as unknown as { showDirectoryPicker: DirectoryPicker }).showDirectoryPicker;
  try {
    return inFolder(await pick({ id: "pixtag", mode: "readwrite" }));
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") {
      return null;
    }
    throw error;
  }
}

/** The most bytes of a zip file in a folder that the person chooses. */
export const FOLDER_BYTES = GIGABYTE;

function inFolder(folder: FileSystemDirectoryHandle): Storage {
  const write = async (name: string, bytes: ReadableStream<Uint8Array>) => {
    await fillFile(folder, name, bytes);
    return null;
  };
  return { maxBytes: FOLDER_BYTES, write, close: () => {} };
}

/** Return the storage for a browser without a choice of folders. Its files become ordinary downloads. */
export async function openStorage(): Promise<Storage> {
  try {
    const folders = await (await navigator.storage.getDirectory()).getDirectoryHandle(STAGING, { create: true });
    if (!("createWritable" in FileSystemFileHandle.prototype)) {
      return inMemory();
    }
    await removeLeftovers(folders);
    return await staged(folders);
  } catch {
    return inMemory(); // in a private window, for example
  }
}

async function staged(folders: FileSystemDirectoryHandle): Promise<Storage> {
  const id = crypto.randomUUID();
  const folder = await folders.getDirectoryHandle(id, { create: true });
  const ended = new AbortController();
  const closed = new Promise((resolve) => ended.signal.addEventListener("abort", resolve));
  void navigator.locks.request(LOCK + id, () => closed);
  const kept: string[] = [];
  const write = async (name: string, bytes: ReadableStream<Uint8Array>) => {
    for (const old of kept.splice(0, kept.length - 1)) {
      await folder.removeEntry(old).catch(() => {}); // the browser has copied all but the last one
    }
    const handle = await fillFile(folder, name, bytes);
    kept.push(name);
    const file = await handle.getFile();
    const save = () => saveFile(file, name);
    save();
    return save;
  };
  const close = () => {
    setTimeout(() => {
      ended.abort();
      void folders.removeEntry(id, { recursive: true }).catch(() => {});
    }, KEPT_MS);
  };
  return { maxBytes: GIGABYTE, write, close };
}

/** Remove the files of downloads whose page was closed. */
async function removeLeftovers(folders: FileSystemDirectoryHandle): Promise<void> {
  const { held = [] } = await navigator.locks.query();
  const open = new Set(held.map(({ name }) => name));
  for await (const id of (folders as unknown as { keys: () => AsyncIterable<string> }).keys()) {
    if (!open.has(LOCK + id)) {
      await folders.removeEntry(id, { recursive: true }).catch(() => {});
    }
  }
}

function inMemory(): Storage {
  const write = async (name: string, bytes: ReadableStream<Uint8Array>) => {
    const file = await new Response(bytes as ReadableStream<Uint8Array<ArrayBuffer>>).blob();
    const save = () => saveFile(file, name);
    save();
    return save;
  };
  return { maxBytes: MAX_IN_MEMORY, write, close: () => {} };
}

/** Write a file. It gets its name only when it is complete, or is removed. */
async function fillFile(
  folder: FileSystemDirectoryHandle,
  name: string,
  bytes: ReadableStream<Uint8Array>,
): Promise<FileSystemFileHandle> {
  const handle = await folder.getFileHandle(name, { create: true });
  try {
    await bytes.pipeTo((await handle.createWritable()) as WritableStream<Uint8Array>);
    return handle;
  } catch (error) {
    await bytes.cancel().catch(() => {});
    await folder.removeEntry(name).catch(() => {});
    throw error;
  }
}

/** Return a message about an error of the storage; null for any other error. */
export function describeStorageError(error: unknown): string | null {
  if (!(error instanceof DOMException)) {
    return null;
  }
  switch (error.name) {
    case "QuotaExceededError":
      return messages.noRoom;
    case "NotAllowedError":
    case "NotFoundError":
    case "NoModificationAllowedError":
      return messages.folderNotWritable;
    default:
      return null;
  }
}
