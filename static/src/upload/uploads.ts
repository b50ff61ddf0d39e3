// Runs the queue of uploads: sends a few files at a time.

import { effect, untracked } from "@preact/signals";
import * as messages from "#messages/uploads";
import { get, post } from "../api";
import { Problem, wordsFor } from "../http";
import { everything, unsentIds } from "../library/feeds";
import { isUnreachable, reachability } from "../reachability";
import { onSignedOut, session } from "../session";
import { change, files, queue, retried, show } from "./arrival";
import { discard } from "./discard";
import { sha256 } from "./hash";
import { dropLeftBehind, leftBehind } from "./left-behind";
import { SHARED } from "./pending-store";
import { forgetAllPending, forgetPending, keyOf, readOfferedIds, saveOffer, savePending } from "./pending-uploads";
import { mediaType } from "./photo-types";
import {
  addFiles,
  type Choice,
  cancelOpen,
  clearDone,
  failedDetections,
  isOpen,
  nextUploads,
  retryFailed,
  type Upload,
} from "./queue";
import { isFinal } from "./refusal";
import { requireShowable } from "./size-check";
import { transfer } from "./transfer";

const HASHED_AHEAD = 8;
const MAX_CLOCK_SKEW_MS = 60_000;
const LIBRARY_FULL = messages.libraryFull;

/** Whether PixTag can be reached. Uploads start only then. */
export const { isReachable } = reachability;

const hashes = new Map<number, Promise<string | null>>();
const running = new Map<number, AbortController>();
const unanswered = new Map<number, number>(); // when a request for a form was sent whose response was lost
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

/** Upload the files that another app shared. */
export function sendShared(): void {
  upload(leftBehind.value.flatMap(({ page, file }) => (page === SHARED && file ? [file] : [])));
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
      onWait: (seconds) => change(id, { reason: messages.busyContinues(seconds) }),
    });
    const isKnown = result.isDuplicate && result.imageId !== item.imageId; // the file may have arrived at an earlier try
    forget(id);
    const imageId = await show(result.imageId, isKnown ? null : file);
    const isDuplicate = isKnown || imageId !== result.imageId;
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

onSignedOut(() => {
  cancel();
  queue.value = [];
  leftBehind.value = [];
  hashes.clear();
  unanswered.clear();
  forgetAllPending();
});
