// Runs the queue of uploads: sends a few files at a time and adds their images to the library.

import { effect, signal, untracked } from "@preact/signals";
import { get, post } from "../api";
import { Problem, pause, wordsFor } from "../http";
import { everything, forgetSearches, unsentIds } from "../library/feeds";
import { addLocalPicture } from "../library/local-pictures";
import { isUnreachable, reachability } from "../reachability";
import type { ImageDetails } from "../schemas";
import { onSignedOut, session } from "../session";
import { discard } from "./discard";
import { sha256 } from "./hash";
import { dropLeftBehind, leftBehind } from "./left-behind";
import { forgetAllPending, forgetPending, keyOf, readOfferedIds, saveOffer, savePending } from "./pending-uploads";
import { mediaType } from "./photo-types";
import {
  addFiles,
  type Choice,
  cancelOpen,
  changeUpload,
  clearDone,
  failedDetections,
  followImage,
  isOpen,
  nextUploads,
  type Queue,
  retryFailed,
  type Upload,
} from "./queue";
import { isFinal } from "./refusal";
import { requireShowable } from "./size-check";
import { transfer } from "./transfer";

const HASHED_AHEAD = 8;
const SEARCH_DELAY_MS = 500;
const MAX_CLOCK_SKEW_MS = 60_000;
const SHOW_ATTEMPTS = 20;
const SHOW_PAUSE_MS = 3000;
const LIBRARY_FULL = "Your library is full. Move photos to the trash and empty it, then try again.";

export const queue = signal<Queue>([]);

/** Whether PixTag can be reached. Uploads start only then. */
export const { isReachable } = reachability;

const files = new Map<number, File>();
const hashes = new Map<number, Promise<string | null>>();
const running = new Map<number, AbortController>();
const unanswered = new Map<number, number>(); // when a request for a form was sent whose response was lost
const listed = new Set<string>(); // ids of sent images that have appeared in the library
const retried = signal<ReadonlySet<number>>(new Set()); // uploads whose failed images are being processed again
let last = 0;
let lastBatch = 0;

// The library doesn't list the images of files that are sent in parts until they are sent.
effect(() => {
  const open = queue.value.filter(({ state }) => state === "waiting" || state === "sending" || state === "failed");
  const unsent = [...leftBehind.value, ...open].filter(({ isInParts }) => isInParts);
  unsentIds.value = new Set(unsent.map(({ imageId }) => imageId));
});

/** Upload files. */
export function upload(chosen: Iterable<File>): void {
  const interrupted = leftBehind.value.filter(({ isInParts }) => isInParts);
  const entries = [...chosen].map((file) => {
    last += 1;
    files.set(last, file);
    const { name, size, lastModified } = file;
    const same = interrupted.findIndex(
      (old) => old.name === name && old.size === size && old.lastModified === lastModified,
    );
    const imageId = interrupted.splice(same, same < 0 ? 0 : 1)[0]?.imageId ?? "";
    return { id: last, name, type: mediaType(file), size, file, imageId };
  });
  lastBatch += 1;
  queue.value = addFiles(queue.value, entries, lastBatch);
  const open = new Set(queue.value.filter(isOpen).map(({ id }) => id));
  savePending(entries.filter(({ id }) => open.has(id)));
  dropLeftBehind(
    leftBehind.value.filter((old) => entries.some((entry) => entry.name === old.name && entry.size === old.size)),
  );
  proceed();
}

/** Retry failed uploads: send their files, or detect the objects of images that PixTag has. */
export function retry(choice: Choice = {}): void {
  for (const item of failedDetections(queue.value, choice)) {
    void redetect(item);
  }
  resend(choice);
}

function resend(choice: Choice = {}): void {
  queue.value = retryFailed(queue.value, choice);
  proceed();
}

async function redetect({ id, imageId }: Upload): Promise<void> {
  retried.value = new Set([...retried.value, id]);
  change(id, { state: "sent", reason: "" });
  try {
    everything().arrive(await post("/images/{image_id}/redetect", { path: { image_id: imageId } }));
  } catch (error) {
    change(id, failureOf(error));
  }
  retried.value = new Set([...retried.value].filter((other) => other !== id));
}

/** Return the file of an upload that failed; null if it is unknown. */
export function fileOf(id: number): File | null {
  return files.get(id) ?? null;
}

/** Cancel uploads that aren't done. */
export function cancel(choice: Choice = {}): void {
  const before = queue.value;
  queue.value = cancelOpen(before, choice);
  const left = new Set(queue.value.map((item) => item.id));
  for (const gone of before.filter((item) => !left.has(item.id))) {
    const request = running.get(gone.id);
    request?.abort();
    if (!request) {
      abandon(gone);
    }
    done(gone.id);
  }
  proceed();
}

/** Remove uploads that are done from the list. */
export function clear(choice: Choice = {}): void {
  const before = queue.value;
  queue.value = clearDone(before, choice);
  for (const gone of before.filter((item) => !queue.value.includes(item))) {
    if (gone.state === "failed") {
      abandon(gone);
    }
    done(gone.id);
  }
}

/** Delete the image of an upload in parts that isn't continued. */
function abandon({ imageId, isInParts }: Upload): void {
  if (isInParts && imageId && session.value === "in") {
    void discard(imageId);
  }
}

export function sendLeftBehind(): void {
  upload(leftBehind.value.flatMap(({ file }) => file ?? []));
}

function proceed(): void {
  for (const { id } of queue.value.filter(({ state }) => state === "waiting").slice(0, HASHED_AHEAD)) {
    const file = files.get(id);
    if (file && !hashes.has(id)) {
      hashes.set(id, sha256(file));
    }
  }
  for (const item of isReachable.value ? nextUploads(queue.value) : []) {
    void run(item);
  }
}

effect(() => {
  if (isReachable.value) {
    untracked(proceed);
  }
});
addEventListener("offline", () => void reachability.check());
addEventListener("online", () => void reachability.check().then((isBack) => isBack && resend()));

function change(id: number, what: Partial<Omit<Upload, "id">>): void {
  queue.value = changeUpload(queue.value, id, what);
}

/** Drop the data of an upload that is done. */
function done(id: number): void {
  files.delete(id);
  forget(id);
}

/** Drop what only a new attempt to send the file needs. */
function forget(id: number): void {
  hashes.delete(id);
  unanswered.delete(id);
  void forgetPending([keyOf(id)]);
}

async function run(item: Upload): Promise<void> {
  const { id } = item;
  const file = files.get(id);
  if (!file) {
    return;
  }
  const ended = new AbortController();
  running.set(id, ended);
  change(id, { state: "sending" });
  let sentAt = Date.now();
  let isAnswered = item.isInParts;
  try {
    await requireShowable(file);
    await discardUnanswered(item);
    sentAt = Date.now();
    const result = await transfer(item, file, {
      sha256: (await hashes.get(id)) ?? null,
      signal: ended.signal,
      onOffer: (imageId, isInParts) => {
        isAnswered = true;
        change(id, { reason: "", imageId, isInParts });
        saveOffer(id, imageId, isInParts);
      },
      onSent: (sent) => change(id, { sent }),
      onWait: (seconds) => change(id, { reason: `PixTag is busy. The upload continues in ${seconds} s.` }),
    });
    const { imageId } = result;
    const isDuplicate = result.isDuplicate && imageId !== item.imageId; // the file may have arrived at an earlier try
    forget(id);
    if (!(await show(imageId, isDuplicate ? null : file))) {
      void showLater(imageId);
    }
    const stored = { sent: item.size, imageId, isInParts: false, isStored: true, reason: "" };
    change(id, { ...stored, state: isDuplicate ? "duplicate" : "sent" });
  } catch (error) {
    if (isUnreachable(error) && !isAnswered && !unanswered.has(id)) {
      unanswered.set(id, sentAt);
    }
    const isLost = isUnreachable(error) && !(await reachability.check());
    change(id, isLost ? { state: "waiting", sent: 0, reason: "" } : failureOf(error));
  }
  running.delete(id);
  proceed();
}

/** Delete the image that the API created if its response was lost, because a retry creates another one. */
async function discardUnanswered({ id, name, size }: Upload): Promise<void> {
  const sentAt = unanswered.get(id);
  if (sentAt === undefined) {
    return;
  }
  const pending = await get("/images", { query: { state: "pending", limit: 100 } });
  unanswered.delete(id);
  const offered = await readOfferedIds();
  const lost = pending.images.find(
    (image) =>
      image.name === name &&
      image.size === size &&
      Date.parse(image.created_at) > sentAt - MAX_CLOCK_SKEW_MS &&
      !offered.has(image.id),
  );
  if (lost) {
    await discard(lost.id);
    everything().remove(new Set([lost.id]));
  }
}

function failureOf(error: unknown): Pick<Upload, "state" | "reason"> {
  const isFull = error instanceof Problem && error.kind === "quota-exceeded";
  return { state: isFinal(error) ? "rejected" : "failed", reason: isFull ? LIBRARY_FULL : wordsFor(error) };
}

/** Add the image to the library at once, with the local file as its picture. */
async function show(imageId: string, file: File | null): Promise<ImageDetails | null> {
  if (file) {
    addLocalPicture(imageId, file);
  }
  const image = await get("/images/{image_id}", { path: { image_id: imageId } }).catch(() => null);
  if (image) {
    everything().arrive(image);
  }
  return image;
}

/** Add a sent image that couldn't be read yet. */
async function showLater(imageId: string): Promise<void> {
  for (let attempt = 1; attempt <= SHOW_ATTEMPTS && session.value === "in"; attempt += 1) {
    await pause(SHOW_PAUSE_MS);
    if (await show(imageId, null)) {
      return;
    }
  }
}

// The library polls while images are pending. Copy their states to the uploads.
let searchTimer = 0;
effect(() => {
  const sent = queue.value.filter(({ state, id }) => state === "sent" && !retried.value.has(id));
  if (sent.length === 0) {
    return;
  }
  const { images: loaded, arrivals } = everything();
  const images = new Map([...loaded.value.map((image) => [image.id, image] as const), ...arrivals.value]);
  const after = sent.map((item) => followImage(item, images.get(item.imageId)));
  const lost = sent.filter(({ imageId }) => listed.has(imageId) && !images.has(imageId));
  for (const { imageId } of sent.filter((item) => images.has(item.imageId))) {
    listed.add(imageId);
  }
  const updates = new Map(after.filter((item, index) => item !== sent[index]).map((item) => [item.id, item]));
  if (updates.size > 0) {
    for (const item of updates.values()) {
      if (item.state === "ready") {
        files.delete(item.id);
      }
    }
    queue.value = queue.value.map((item) => updates.get(item.id) ?? item);
    clearTimeout(searchTimer);
    searchTimer = setTimeout(forgetSearches, SEARCH_DELAY_MS) as unknown as number;
  }
  for (const item of lost) {
    listed.delete(item.imageId);
    void findMerged(item);
  }
});

/** Find the image that a sent one was merged into, because the library already had the same file. */
async function findMerged({ id, imageId }: Upload): Promise<void> {
  const image = await show(imageId, null);
  change(
    id,
    image ? { state: "duplicate", imageId: image.id } : { state: "rejected", reason: "This photo was removed." },
  );
}

onSignedOut(() => {
  cancel();
  queue.value = [];
  leftBehind.value = [];
  files.clear();
  hashes.clear();
  unanswered.clear();
  forgetAllPending();
});
