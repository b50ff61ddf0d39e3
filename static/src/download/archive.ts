// Builds one zip file of a download: the originals, their sidecars, and a list of the photos that are missing.

import { makeZip } from "client-zip";
import * as messages from "#messages/downloads";
import type { Download } from "../schemas";
import { type OriginalOptions, PhotoMissing, readOriginal } from "./original";
import type { Entry } from "./parts";
import type { UniqueNames } from "./unique-names";

const BATCH = 100;
const BATCH_BYTES = 250e6; // links expire after 30 minutes
const SIDECAR = ".xmp";

/** The text file with the photos that aren't in the zip file. */
export const MISSING_FILE = "missing-photos.txt";

export interface MissingPhoto {
  readonly name: string;
  readonly reason: string;
}

export interface ArchiveOptions {
  readonly names: UniqueNames;
  readonly signal: AbortSignal;
  /** Return the originals of up to 100 images. Those that are gone are left out. */
  readonly prepare: (ids: readonly string[]) => Promise<readonly Download[]>;
  readonly onBytes: (count: number) => void;
  readonly onMissing: (photo: MissingPhoto) => void;
  readonly read?: typeof readOriginal;
}

/** Return the bytes of a zip file. The photos are not compressed again. */
export function makeArchive(entries: readonly Entry[], options: ArchiveOptions): ReadableStream<Uint8Array> {
  return makeZip(listFiles(entries, options), { buffersAreUTF8: true });
}

interface ArchivedFile {
  readonly name: string;
  readonly input: string | AsyncIterable<Uint8Array<ArrayBuffer>>;
}

/** Yield the files of an archive. The next one begins when all bytes of the last one were read. */
export async function* listFiles(entries: readonly Entry[], options: ArchiveOptions): AsyncGenerator<ArchivedFile> {
  const missing: MissingPhoto[] = [];
  const report = (photo: MissingPhoto) => {
    missing.push(photo);
    options.onMissing(photo);
  };
  for (const batch of batchesOf(entries)) {
    const downloads = new Map((await options.prepare(batch.map(({ id }) => id))).map((each) => [each.id, each]));
    for (const { id, name, size } of batch) {
      const download = downloads.get(id);
      if (download) {
        yield* filesOf(download, options, report);
      } else {
        options.onBytes(size);
        report({ name, reason: messages.photoIsGone });
      }
    }
  }
  if (missing.length > 0) {
    yield { name: MISSING_FILE, input: missing.map(({ name, reason }) => `${name}: ${reason}\r\n`).join("") };
  }
}

async function* filesOf(
  download: Download,
  options: ArchiveOptions,
  report: (photo: MissingPhoto) => void,
): AsyncGenerator<ArchivedFile> {
  const { id, file_name, size, original, sidecar } = download;
  const renewLink = async () => (await options.prepare([id]))[0]?.original ?? null;
  const read: OriginalOptions = { signal: options.signal, renewLink };
  let left = size;
  const count = (received: number) => {
    left -= received;
    options.onBytes(received);
  };
  const bytes = counted((options.read ?? readOriginal)(original, read), count);
  let reason = messages.fileIncomplete;
  try {
    const first = await bytes.next();
    if (!first.done || size === 0) {
      const name = options.names.choose(id, file_name);
      yield { name, input: joined(first, bytes) };
      yield { name: name + SIDECAR, input: sidecar };
    }
  } catch (error) {
    if (!(error instanceof PhotoMissing)) {
      throw error;
    }
    reason = error.message;
  }
  if (left > 0) {
    options.onBytes(left);
    report({ name: file_name, reason });
  }
}

async function* counted<T extends Uint8Array>(bytes: AsyncIterable<T>, onBytes: (count: number) => void) {
  for await (const chunk of bytes) {
    onBytes(chunk.byteLength);
    yield chunk;
  }
}

async function* joined<T>(first: IteratorResult<T, unknown>, rest: AsyncIterable<T>): AsyncGenerator<T> {
  if (!first.done) {
    yield first.value;
    yield* rest;
  }
}

/** Divide photos into batches whose links are used before they expire. */
function batchesOf(entries: readonly Entry[]): readonly (readonly Entry[])[] {
  const batches: Entry[][] = [];
  let bytes = 0;
  for (const entry of entries) {
    if (batches.length === 0 || batches.at(-1)?.length === BATCH || bytes + entry.size > BATCH_BYTES) {
      batches.push([]);
      bytes = 0;
    }
    batches.at(-1)?.push(entry);
    bytes += entry.size;
  }
  return batches;
}
