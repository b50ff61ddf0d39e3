// The queue of uploads. Pure: each function returns a new queue.

import * as messages from "#messages/upload";
import type { TagCount } from "../schemas";
import { isNoPhoto } from "./photo-types";

/**
 * `sent`: PixTag is finding its tags; `ready`: its tags are available; `duplicate`: the library already has it;
 * `failed`: a retry can help; `rejected`: a retry can't help.
 */
export type UploadState = "waiting" | "sending" | "sent" | "ready" | "duplicate" | "failed" | "rejected";

export interface Upload {
  readonly id: number;
  /** The number of its batch: the files that were chosen or dropped together. */
  readonly batch: number;
  readonly name: string;
  readonly type: string;
  /** Bytes. */
  readonly size: number;
  readonly state: UploadState;
  /** Sent bytes. */
  readonly sent: number;
  /** Why it failed, was rejected or has to wait; empty otherwise. */
  readonly reason: string;
  /** The id of its image; empty before the API has created it. */
  readonly imageId: string;
  /** Whether the file is sent in parts. Then a later attempt continues with the missing parts of the same image. */
  readonly isInParts: boolean;
  /** Whether PixTag has the file. Then a retry detects its objects again. */
  readonly isStored: boolean;
  /** The image's tags, once it is ready. */
  readonly tags: readonly TagCount[];
}

export type Queue = readonly Upload[];

export interface Totals {
  readonly files: number;
  readonly done: number;
  /** Uploads in `done` that won't be in the library. */
  readonly failed: number;
  /** Uploads in `done` whose tags PixTag is finding. */
  readonly detecting: number;
  /** Uploads in `done` that the library already had. */
  readonly duplicates: number;
  /** Bytes of all files to send. */
  readonly bytes: number;
  readonly sentBytes: number;
}

export const MAX_BYTES = 200 * 2 ** 20;
export const MAX_SENDING = 3;

/** Return why PixTag doesn't accept a file; empty if it does. */
export function rejectionReason({ type, size }: { readonly type: string; readonly size: number }): string {
  if (isNoPhoto(type)) {
    return messages.notAPhoto;
  }
  if (size === 0) {
    return messages.fileEmpty;
  }
  return size > MAX_BYTES ? messages.tooLarge(MAX_BYTES / 2 ** 20) : "";
}

/** Add a batch of files to the end of the queue. Files that PixTag doesn't accept are marked as rejected. */
export function addFiles(queue: Queue, files: readonly NewFile[], batch = 1): Queue {
  return [
    ...queue,
    ...files.map(({ id, name, type, size, imageId = "" }) => {
      const reason = rejectionReason({ type, size });
      const state: UploadState = reason ? "rejected" : "waiting";
      const isInParts = imageId !== "";
      return { id, batch, name, type, size, state, sent: 0, reason, imageId, isInParts, isStored: false, tags: [] };
    }),
  ];
}

/** Which uploads are meant: one, those of a batch, or all. */
export interface Choice {
  readonly id?: number;
  readonly batch?: number;
}

function isChosen(upload: Upload, { id = upload.id, batch = upload.batch }: Choice): boolean {
  return upload.id === id && upload.batch === batch;
}

/** Return the uploads of each batch, the last batch first. */
export function batchesOf(queue: Queue): readonly Queue[] {
  const batches = new Map<number, Upload[]>();
  for (const upload of queue) {
    const batch = batches.get(upload.batch) ?? [];
    batch.push(upload);
    batches.set(upload.batch, batch);
  }
  return [...batches.values()].reverse();
}

export interface NewFile {
  readonly id: number;
  readonly name: string;
  readonly type: string;
  readonly size: number;
  /** The id of the image whose upload in parts an earlier page began. */
  readonly imageId?: string;
}

/** Change one upload. */
export function changeUpload(queue: Queue, id: number, change: Partial<Omit<Upload, "id">>): Queue {
  return queue.map((upload) => (upload.id === id ? { ...upload, ...change } : upload));
}

/** Return the uploads to start now: the ones that have waited longest, up to the limit. */
export function nextUploads(queue: Queue): readonly Upload[] {
  const room = MAX_SENDING - queue.filter(({ state }) => state === "sending").length;
  return queue.filter(({ state }) => state === "waiting").slice(0, Math.max(0, room));
}

/** Put failed uploads back to waiting, unless PixTag has their files. */
export function retryFailed(queue: Queue, choice: Choice = {}): Queue {
  return queue.map((upload) =>
    upload.state === "failed" && !upload.isStored && isChosen(upload, choice)
      ? { ...upload, state: "waiting" as const, sent: 0, reason: "" }
      : upload,
  );
}

/** Return the failed uploads whose files PixTag has. */
export function failedDetections(queue: Queue, choice: Choice = {}): Queue {
  return queue.filter((upload) => upload.state === "failed" && upload.isStored && isChosen(upload, choice));
}

/** Whether an upload is waiting or being sent. */
export function isOpen({ state }: Upload): boolean {
  return state === "waiting" || state === "sending";
}

/** Remove uploads that are done. */
export function clearDone(queue: Queue, choice: Choice = {}): Queue {
  return queue.filter((upload) => isOpen(upload) || !isChosen(upload, choice));
}

/** Remove uploads that aren't done. */
export function cancelOpen(queue: Queue, choice: Choice = {}): Queue {
  return queue.filter((upload) => !(isOpen(upload) && isChosen(upload, choice)));
}

/** Update an upload from the state of its image. */
export function followImage(upload: Upload, image: ImageProgress | undefined): Upload {
  if (upload.state !== "sent" || !image || image.state === "pending") {
    return upload;
  }
  return image.state === "failed"
    ? { ...upload, state: "failed", reason: image.reason }
    : { ...upload, state: "ready", tags: image.tags };
}

/** The parts of an image that its upload shows. */
export interface ImageProgress {
  readonly state: string;
  readonly reason: string;
  readonly tags: readonly TagCount[];
}

const RANKS: Readonly<Record<UploadState, number>> = {
  sending: 0,
  failed: 1,
  rejected: 1,
  sent: 2,
  ready: 2,
  duplicate: 2,
  waiting: 3,
};

/** Return the uploads to show, at most `max`: being sent, then failed, then the last that are done, then waiting. */
export function visibleUploads(queue: Queue, max: number): Queue {
  const byAge = (a: Upload, b: Upload) => (isOpen(a) ? a.id - b.id : b.id - a.id);
  return queue.toSorted((a, b) => RANKS[a.state] - RANKS[b.state] || byAge(a, b)).slice(0, max);
}

export function totals(queue: Queue): Totals {
  const count = (...states: UploadState[]) => queue.filter(({ state }) => states.includes(state)).length;
  const counted = queue.filter(({ state }) => state !== "rejected" && state !== "duplicate");
  return {
    files: queue.length,
    done: queue.length - count("waiting", "sending"),
    failed: count("failed", "rejected"),
    detecting: count("sent"),
    duplicates: count("duplicate"),
    bytes: counted.reduce((sum, { size }) => sum + size, 0),
    sentBytes: counted.reduce((sum, { sent }) => sum + sent, 0),
  };
}

/** Return the headline of a batch. A photo is added when its tags are there: `5 photos added, 2 duplicates, 1 failed`. */
export function headline(totals: Totals): string {
  const { files, done, failed, detecting, duplicates } = totals;
  const added = done - failed - detecting - duplicates;
  if (done < files) {
    return messages.uploadingOf(done + 1, files);
  }
  if (detecting > 0) {
    return messages.findingTags(detecting);
  }
  const words = [
    (added > 0 || duplicates === 0) && messages.countAdded(added),
    duplicates > 0 && messages.countDuplicates(duplicates),
    failed > 0 && messages.countFailed(failed),
  ];
  return words.filter(Boolean).join(", ");
}
