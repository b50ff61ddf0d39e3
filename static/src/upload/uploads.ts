// The queue at work: takes files, sends a few at a time, and puts what they become into the library.

import { effect, signal, untracked } from "@preact/signals";
import { del, get } from "../api";
import { wordsFor } from "../http";
import { everything, forgetSearches } from "../library/feeds";
import type { ImageDetails } from "../schemas";
import { onSignedOut } from "../session";
import { sha256 } from "./hash";
import { forget, forgetAll, type Kept, keep, keyOf, leftOver, noteOffer } from "./pending-uploads";
import {
  added,
  cancelled,
  changed,
  cleared,
  due,
  followed,
  isOpen,
  mediaType,
  type Queue,
  retried,
  totals,
  type Upload,
} from "./queue";
import { transfer } from "./transfer";
import { noted, pace, type Reading } from "./transfer-rate";

const HASHED_AHEAD = 8;
const PACE_MS = 1000;
const SEARCH_MS = 500;

export const queue = signal<Queue>([]);

/** Whether this machine has a connection; without one nothing is begun. */
export const isOnline = signal(navigator.onLine);

/** Bytes a second; 0 while that is not known. */
export const speed = signal(0);

/** What an earlier page did not send. */
export const leftBehind = signal<readonly Kept[]>([]);

/** What is on the pictures that were just sent, from this machine: addresses of blobs by image id. */
export const localPictures = signal<ReadonlyMap<string, string>>(new Map());

/** Not every browser can draw what PixTag reads, HEIC for one: from now on the picture is the server's. */
export function forgetLocalPicture(imageId: string): void {
  const pictures = new Map(localPictures.value);
  URL.revokeObjectURL(pictures.get(imageId) ?? "");
  pictures.delete(imageId);
  localPictures.value = pictures;
}

const files = new Map<number, File>();
const hashes = new Map<number, Promise<string | null>>();
const running = new Map<number, AbortController>();
const seen = new Set<string>(); // the images that were in the library already
let last = 0;

/** Upload files. */
export function upload(chosen: Iterable<File>): void {
  const entries = [...chosen].map((file) => {
    last += 1;
    files.set(last, file);
    return { id: last, name: file.name, type: mediaType(file), size: file.size, file };
  });
  queue.value = added(queue.value, entries);
  const open = new Set(queue.value.filter(isOpen).map(({ id }) => id));
  keep(entries.filter(({ id }) => open.has(id)));
  dropLeftBehind(
    leftBehind.value.filter((old) => entries.some((one) => one.name === old.name && one.size === old.size)),
  );
  proceed();
}

export function retry(id?: number): void {
  queue.value = retried(queue.value, id);
  proceed();
}

/** Stop sending one, or all that are not sent yet. */
export function cancel(id?: number): void {
  const before = queue.value;
  queue.value = cancelled(before, id);
  const left = new Set(queue.value.map((one) => one.id));
  for (const gone of before.filter((one) => !left.has(one.id))) {
    running.get(gone.id)?.abort();
    done(gone.id);
  }
  proceed();
}

export function clear(): void {
  for (const { id } of queue.value.filter((one) => !isOpen(one))) {
    done(id);
  }
  queue.value = cleared(queue.value);
}

/** Find what an earlier page did not send. */
export async function findLeftBehind(): Promise<void> {
  const kept = await withOffers(await leftOver());
  const sent = await Promise.all(kept.map(wasSent));
  forget(kept.filter((_, index) => sent[index]).map(({ key }) => key));
  leftBehind.value = kept.filter((_, index) => !sent[index]);
}

/** The page may have ended between an offer and the note of it: then the image that waits tells by name and size. */
async function withOffers(kept: readonly Kept[]): Promise<readonly Kept[]> {
  if (kept.every(({ imageId }) => imageId)) {
    return kept;
  }
  const waiting = await get("/images", { query: { state: "pending", limit: 100 } }).catch(() => null);
  return kept.map((one) => {
    const offered = waiting?.images.find(({ name, size }) => name === one.name && size === one.size);
    return { ...one, imageId: one.imageId || (offered?.id ?? "") };
  });
}

/** Whether it arrived after all. If not, the image that waits for it is taken back: it gets a new one. */
async function wasSent({ imageId, file }: Kept): Promise<boolean> {
  if (!imageId) {
    return false;
  }
  const path = { image_id: imageId };
  const image = await get("/images/{image_id}", { path }).catch(() => null);
  if (image?.state === "pending" && file) {
    await del("/images/{image_id}", { path }).catch(() => {});
    everything().remove(new Set([imageId]));
  }
  return image?.state === "ready";
}

export function sendLeftBehind(): void {
  const kept = leftBehind.value.flatMap(({ file }) => file ?? []);
  upload(kept);
}

export function dropLeftBehind(gone: readonly Kept[]): void {
  forget(gone.map(({ key }) => key));
  leftBehind.value = leftBehind.value.filter((one) => !gone.includes(one));
}

function proceed(): void {
  for (const { id } of queue.value.filter(({ state }) => state === "waiting").slice(0, HASHED_AHEAD)) {
    const file = files.get(id);
    if (file && !hashes.has(id)) {
      hashes.set(id, sha256(file));
    }
  }
  for (const one of isOnline.value ? due(queue.value) : []) {
    void run(one);
  }
}

addEventListener("offline", () => {
  isOnline.value = false;
});
addEventListener("online", () => {
  isOnline.value = true;
  retry();
});

function change(id: number, what: Partial<Omit<Upload, "id">>): void {
  queue.value = changed(queue.value, id, what);
}

/** Nothing more is to be done for it. */
function done(id: number): void {
  files.delete(id);
  hashes.delete(id);
  forget([keyOf(id)]);
}

async function run(one: Upload): Promise<void> {
  const { id } = one;
  const file = files.get(id);
  if (!file) {
    return;
  }
  const ended = new AbortController();
  running.set(id, ended);
  change(id, { state: "sending" });
  try {
    const arrived = await transfer(one, file, {
      sha256: (await hashes.get(id)) ?? null,
      signal: ended.signal,
      onOffer: (imageId) => {
        change(id, { reason: "" });
        noteOffer(id, imageId);
      },
      onSent: (sent) => change(id, { sent }),
      onWait: (seconds) => change(id, { reason: `PixTag is busy. It goes on in ${seconds} s.` }),
    });
    const { imageId, isKnown } = arrived;
    done(id);
    await show(imageId, isKnown ? null : file);
    change(id, { state: isKnown ? "known" : "sent", sent: one.size, imageId, reason: "" });
  } catch (error) {
    change(id, { state: "failed", reason: wordsFor(error) });
  }
  running.delete(id);
  proceed();
}

/** Show the image in the library at once, with the picture that this machine has. */
async function show(imageId: string, file: File | null): Promise<ImageDetails | null> {
  if (file) {
    const pictures = new Map(localPictures.value);
    localPictures.value = pictures.set(imageId, URL.createObjectURL(file));
  }
  const image = await get("/images/{image_id}", { path: { image_id: imageId } }).catch(() => null);
  if (image) {
    everything().put(image);
  }
  return image;
}

// The library is read again and again while images are pending: what they become is told here too.
let searching = 0;
effect(() => {
  const sent = queue.value.filter(({ state }) => state === "sent");
  if (sent.length === 0) {
    return;
  }
  const images = new Map(everything().images.value.map((image) => [image.id, image]));
  const after = sent.map((one) => followed(one, images.get(one.imageId)));
  const lost = sent.filter(({ imageId }) => seen.has(imageId) && !images.has(imageId));
  for (const { imageId } of sent.filter((one) => images.has(one.imageId))) {
    seen.add(imageId);
  }
  const news = new Map(after.filter((one, index) => one !== sent[index]).map((one) => [one.id, one]));
  if (news.size > 0) {
    queue.value = queue.value.map((one) => news.get(one.id) ?? one);
    clearTimeout(searching);
    searching = setTimeout(forgetSearches, SEARCH_MS) as unknown as number;
  }
  for (const one of lost) {
    seen.delete(one.imageId);
    void find(one);
  }
});

/** The same bytes are one image: what was sent has become one that the library had. */
async function find({ id, imageId }: Upload): Promise<void> {
  const image = await show(imageId, null);
  change(id, image ? { state: "known", imageId: image.id } : { state: "refused", reason: "It has been removed." });
}

const warn = (event: BeforeUnloadEvent) => event.preventDefault();
let timer = 0;
let readings: readonly Reading[] = [];

// While something is sent, its pace is measured, and whoever leaves is warned.
effect(() => {
  const isBusy = queue.value.some(isOpen);
  untracked(() => {
    if (isBusy && !timer) {
      addEventListener("beforeunload", warn);
      timer = setInterval(measure, PACE_MS) as unknown as number;
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
  readings = noted(readings, { at: performance.now(), bytes: totals(queue.value).sentBytes });
  speed.value = pace(readings);
}

onSignedOut(() => {
  cancel();
  queue.value = [];
  leftBehind.value = [];
  files.clear();
  hashes.clear();
  forgetAll();
  for (const address of localPictures.value.values()) {
    URL.revokeObjectURL(address);
  }
  localPictures.value = new Map();
});
