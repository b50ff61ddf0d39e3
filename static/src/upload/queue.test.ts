import { describe, expect, it } from "vitest";
import {
  addFiles,
  batchesOf,
  cancelOpen,
  changeUpload,
  clearDone,
  failedDetections,
  followImage,
  headline,
  MAX_BYTES,
  nextUploads,
  type Queue,
  rejectionReason,
  retryFailed,
  totals,
  type Upload,
  type UploadState,
  visibleUploads,
} from "./queue";

const file = (id: number, more = {}) => ({ id, name: `${id}.jpg`, type: "image/jpeg", size: 100, ...more });
const files = (count: number) => Array.from({ length: count }, (_, index) => file(index));

describe("the queue", () => {
  it("starts three uploads at a time, the oldest first", () => {
    let queue = addFiles([], files(5));
    expect(nextUploads(queue).map(({ id }) => id)).toEqual([0, 1, 2]);

    queue = changeUpload(queue, 0, { state: "sending" });
    queue = changeUpload(queue, 1, { state: "sent" });
    expect(nextUploads(queue).map(({ id }) => id)).toEqual([2, 3]);
  });

  it("never starts more than three uploads", () => {
    const queue = addFiles([], files(5)).map((upload) => ({ ...upload, state: "sending" as const }));

    expect(nextUploads(queue)).toEqual([]);
  });

  it("continues an upload in parts that an earlier page began", () => {
    const [fresh, begun] = addFiles([], [file(1), file(2, { imageId: "a" })]);

    expect(fresh).toMatchObject({ imageId: "", isInParts: false });
    expect(begun).toMatchObject({ imageId: "a", isInParts: true });
  });

  it("marks rejected files and never sends them", () => {
    const queue = addFiles([], [file(1, { type: "application/pdf" })]);

    expect(queue[0]?.state).toBe("rejected");
    expect(nextUploads(queue)).toEqual([]);
    expect(retryFailed(queue)).toEqual(queue);
  });

  it("retries one failed upload, or all of them", () => {
    const queue = addFiles([], files(2)).map((upload) => ({
      ...upload,
      state: "failed" as const,
      reason: "No.",
      sent: 50,
    }));

    expect(retryFailed(queue, { id: 1 }).map(({ state, reason, sent }) => [state, reason, sent])).toEqual([
      ["failed", "No.", 50],
      ["waiting", "", 0],
    ]);
    expect(nextUploads(retryFailed(queue))).toHaveLength(2);
  });

  it("drops finished uploads when it is cleared", () => {
    let queue = addFiles([], [...files(2), file(7, { size: 0 })]);
    queue = changeUpload(queue, 0, { state: "sent" });

    expect(clearDone(queue).map(({ id }) => id)).toEqual([1]);
  });

  it("counts files and bytes, but no bytes of rejected files", () => {
    let queue = addFiles([], [...files(3), file(7, { type: "text/html", size: 9999 })]);
    queue = changeUpload(queue, 0, { state: "sent", sent: 100 });
    queue = changeUpload(queue, 1, { state: "failed" });
    queue = changeUpload(queue, 2, { state: "sending", sent: 25 });

    expect(totals(queue)).toEqual({
      files: 4,
      done: 3,
      failed: 2,
      detecting: 1,
      duplicates: 0,
      bytes: 300,
      sentBytes: 125,
    });
  });
});

const inStates = (...states: UploadState[]): Queue =>
  addFiles([], files(states.length)).map((upload, index) => ({ ...upload, state: states[index] ?? "waiting" }));
const ids = (queue: Queue) => queue.map(({ id }) => id);

describe("an upload", () => {
  it("can be cancelled until it is done, alone or with all others", () => {
    const queue = inStates("waiting", "sending", "ready", "failed");

    expect(ids(cancelOpen(queue, { id: 1 }))).toEqual([0, 2, 3]);
    expect(ids(cancelOpen(queue, { id: 2 }))).toEqual([0, 1, 2, 3]);
    expect(ids(cancelOpen(queue))).toEqual([2, 3]);
  });

  it("isn't counted in bytes if the library already has it", () => {
    expect(totals(inStates("duplicate", "waiting"))).toMatchObject({ files: 2, done: 1, duplicates: 1, bytes: 100 });
  });

  it("follows the state of its image", () => {
    const [sent] = inStates("sent") as [Upload];
    const image = { state: "ready", reason: "", tags: [{ tag: "dog", count: 2 }] };

    expect(followImage(sent, undefined)).toBe(sent);
    expect(followImage(sent, { ...image, state: "pending" })).toBe(sent);
    expect(followImage({ ...sent, state: "duplicate" }, image).state).toBe("duplicate");
    expect(followImage(sent, image)).toMatchObject({ state: "ready", tags: image.tags });
    expect(followImage(sent, { ...image, state: "failed", reason: "Cut off." })).toMatchObject({
      state: "failed",
      reason: "Cut off.",
    });
  });

  it("is listed by state: being sent, failed, done, waiting", () => {
    const queue = inStates("ready", "sent", "failed", "sending", "waiting", "waiting");

    expect(ids(visibleUploads(queue, 9))).toEqual([3, 2, 1, 0, 4, 5]);
    expect(ids(visibleUploads(queue, 2))).toEqual([3, 2]);
  });

  it.each<[UploadState[], string]>([
    [["ready"], "1 photo added"],
    [["ready", "ready", "duplicate", "failed"], "2 photos added, 1 duplicate, 1 failed"],
    [["ready", "sent", "duplicate", "failed"], "Finding tags in 1 photo"],
    [["ready", "sent", "waiting"], "Uploading 3 of 3"],
    [["duplicate"], "1 duplicate"],
    [["rejected"], "0 photos added, 1 failed"],
  ])("in the states %j has the headline %s", (states, words) => {
    expect(headline(totals(inStates(...states)))).toBe(words);
  });
});

describe("a batch", () => {
  const queue = addFiles(addFiles([], files(2)), [file(5), file(6)], 2).map((upload) => ({
    ...upload,
    state: upload.id === 5 ? ("waiting" as const) : ("failed" as const),
  }));

  it("is listed before earlier ones", () => {
    expect(batchesOf(queue).map(ids)).toEqual([
      [5, 6],
      [0, 1],
    ]);
  });

  it("is cleared, cancelled and retried alone", () => {
    expect(ids(clearDone(queue, { batch: 1 }))).toEqual([5, 6]);
    expect(ids(cancelOpen(queue, { batch: 1 }))).toEqual([0, 1, 5, 6]);
    expect(ids(cancelOpen(queue, { batch: 2 }))).toEqual([0, 1, 6]);
    expect(retryFailed(queue, { batch: 2 }).map(({ state }) => state)).toEqual([
      "failed",
      "failed",
      "waiting",
      "waiting",
    ]);
  });

  it("isn't sent again if PixTag has its files", () => {
    const stored = queue.map((upload) => ({ ...upload, isStored: upload.id === 6 }));

    expect(ids(failedDetections(stored))).toEqual([6]);
    expect(ids(failedDetections(stored, { id: 1 }))).toEqual([]);
    expect(retryFailed(stored, { batch: 2 })).toEqual(stored);
  });
});

describe("a file", () => {
  it.each([
    ["image/png", 1, ""],
    ["image/png", MAX_BYTES, ""],
    ["image/png", MAX_BYTES + 1, "Larger than 200 MiB. Choose a smaller file."],
    ["image/png", 0, "The file is empty."],
    ["", 1, ""],
    ["application/octet-stream", 1, ""],
    ["video/mp4", 1, "Not a photo. Choose a JPEG, PNG, WebP, GIF, HEIC or AVIF file."],
    ["image/svg+xml", 1, "Not a photo. Choose a JPEG, PNG, WebP, GIF, HEIC or AVIF file."],
  ])("of type %s with %i bytes is rejected with %j", (type, size, reason) => {
    expect(rejectionReason({ type, size })).toBe(reason);
  });
});
