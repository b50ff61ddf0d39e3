// Runs the queue of uploads: sends a few files at a time and adds their images to the library.

import { effect, signal, untracked } from "@preact/signals";
import { del, get } from "../api";
import { Problem, pause, wordsFor } from "../http";
import { everything, forgetSearches, unsentIds } from "../library/feeds";
import { addLocalPicture } from "../library/local-pictures";
import { isUnreachable, reachability } from "../reachability";
import type { ImageDetails } from "../schemas";
import { onSignedOut, session } from "../session";
import { discard } from "./discard";
import { sha256 } from "./hash";
import {
  forgetAllPending,
  forgetPending,
  keyOf,
  type PendingUpload,
  readLeftBehind,
  readOfferedIds,
  saveOffer,
  savePending,
} from "./pending-uploads";
import { mediaType } from "./photo-types";
import {
  addFiles,
  cancelOpen,
  changeUpload,
  clearDone,
  followImage,
  isOpen,
  nextUploads,
  type Queue,
  retryFailed,
  totals,
  type Upload,
} from "./queue";
import { isFinal } from "./refusal";
import { requireShowable } from "./size-check";
import { transfer } from "./transfer";
import { addReading, type Reading, transferRate } from "./transfer-rate";

const HASHED_AHEAD = 8;
const MEASURE_MS = 1000;
const SEARCH_DELAY_MS = 500;
const MAX_CLOCK_SKEW_MS = 60_000;
const SHOW_ATTEMPTS = 20;
const SHOW_PAUSE_MS = 3000;
const LIBRARY_FULL = "Your library is full. Move photos to the trash and empty it, then try again.";

export const queue = signal<Queue>([]);

/** Whether PixTag can be reached. Uploads start only then. */
export const { isReachable } = reachability;

/** Bytes per second; 0 while they are unknown. */
export const speed = signal(0);

/** Files that an earlier page didn't send. */
export const leftBehind = signal<readonly PendingUpload[]>([]);

const files = new Map<number, File>();
const hashes = new Map<number, Promise<string | null>>();
const running = new Map<number, AbortController>();
const unanswered = new Map<number, number>(); // when a request for a form was sent whose response was lost
const listed = new Set<string>(); // ids of sent images that have appeared in the library
let last = 0;

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
  queue.value = addFiles(queue.value, entries);
  const open = new Set(queue.value.filter(isOpen).map(({ id }) => id));
  savePending(entries.filter(({ id }) => open.has(id)));
  dropLeftBehind(
    leftBehind.value.filter((old) => entries.some((entry) => entry.name === old.name && entry.size === old.size)),
  );
  proceed();
}

export function retry(id?: number): void {
  queue.value = retryFailed(queue.value, id);
  proceed();
}

/** Cancel one upload, or all that aren't done. */
export function cancel(id?: number): void {
  const before = queue.value;
  queue.value = cancelOpen(before, id);
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

export function clear(): void {
  for (const item of queue.value.filter((upload) => !isOpen(upload))) {
    if (item.state === "failed") {
      abandon(item);
    }
    done(item.id);
  }
  queue.value = clearDone(queue.value);
}

/** Delete the image of an upload in parts that isn't continued. */
function abandon({ imageId, isInParts }: Upload): void {
  if (isInParts && imageId && session.value === "in") {
    void discard(imageId);
  }
}

/** Find files that an earlier page didn't send. */
export async function findLeftBehind(): Promise<void> {
  const pending = await withImageIds(await readLeftBehind());
  const sent = await Promise.all(pending.map(wasSent));
  void forgetPending(pending.filter((_, index) => sent[index]).map(({ key }) => key));
  leftBehind.value = pending.filter((_, index) => !sent[index]);
  everything().remove(unsentIds.value);
}

/** Add missing image ids by name and size. A page may close before it has saved the id of a new image. */
async function withImageIds(uploads: readonly PendingUpload[]): Promise<readonly PendingUpload[]> {
  if (uploads.every(({ imageId }) => imageId)) {
    return uploads;
  }
  const waiting = await get("/images", { query: { state: "pending", limit: 100 } }).catch(() => null);
  return uploads.map((pending) => {
    const image = waiting?.images.find(({ name, size }) => name === pending.name && size === pending.size);
    return { ...pending, imageId: pending.imageId || (image?.id ?? "") };
  });
}

/**
 * Whether the file arrived after all. If not, its pending image is deleted; the next upload creates a new one. An upload
 * in parts is continued.
 */
async function wasSent({ imageId, isInParts, file }: PendingUpload): Promise<boolean> {
  if (!imageId) {
    return false;
  }
  const path = { image_id: imageId };
  const image = await get("/images/{image_id}", { path }).catch(() => null);
  if (image?.state === "pending" && file && !isInParts) {
    await del("/images/{image_id}", { path }).catch(() => {});
    everything().remove(new Set([imageId]));
  }
  return image?.state === "ready";
}

export function sendLeftBehind(): void {
  upload(leftBehind.value.flatMap(({ file }) => file ?? []));
}

/** Forget files that an earlier page didn't send. They disappear only after the deletion, so that they stay away. */
export async function dismissLeftBehind(): Promise<void> {
  const dismissed = leftBehind.value;
  for (const { imageId, isInParts } of dismissed) {
    if (isInParts && imageId) {
      void discard(imageId);
    }
  }
  await forgetPending(dismissed.map(({ key }) => key));
  leftBehind.value = leftBehind.value.filter((pending) => !dismissed.includes(pending));
}

function dropLeftBehind(gone: readonly PendingUpload[]): void {
  void forgetPending(gone.map(({ key }) => key));
  leftBehind.value = leftBehind.value.filter((pending) => !gone.includes(pending));
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
addEventListener("online", () => void reachability.check().then((isBack) => isBack && retry()));

function change(id: number, what: Partial<Omit<Upload, "id">>): void {
  queue.value = changeUpload(queue.value, id, what);
}

/** Drop the data of an upload that is done. */
function done(id: number): void {
  files.delete(id);
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
    done(id);
    if (!(await show(imageId, isDuplicate ? null : file))) {
      void showLater(imageId);
    }
    change(id, { state: isDuplicate ? "duplicate" : "sent", sent: item.size, imageId, reason: "" });
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
    everything().put(image);
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
  const sent = queue.value.filter(({ state }) => state === "sent");
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

const warn = (event: BeforeUnloadEvent) => event.preventDefault();
let timer = 0;
let readings: readonly Reading[] = [];

// While files are sent, measure the transfer rate and warn the person before the page closes.
effect(() => {
  const isBusy = queue.value.some(isOpen);
  untracked(() => {
    if (isBusy && !timer) {
      addEventListener("beforeunload", warn);
      timer = setInterval(measure, MEASURE_MS) as unknown as number;
    } else if (!isBusy && timer) {
      removeEventListener("beforeunload", warn);
      clearInterval(timer);
      timer = 0;
      readings = [];
      speed.value = 0;
    }
  });
});

function measure(): void {
  readings = addReading(readings, { at: performance.now(), bytes: totals(queue.value).sentBytes });
  speed.value = transferRate(readings);
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
