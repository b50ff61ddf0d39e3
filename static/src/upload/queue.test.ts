import { describe, expect, it } from "vitest";
import {
  addFiles,
  cancelOpen,
  changeUpload,
  clearDone,
  followImage,
  MAX_BYTES,
  nextUploads,
  type Queue,
  rejectionReason,
  retryFailed,
  summarize,
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

    expect(retryFailed(queue, 1).map(({ state, reason, sent }) => [state, reason, sent])).toEqual([
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

    expect(totals(queue)).toEqual({ files: 4, done: 3, failed: 2, duplicates: 0, bytes: 300, sentBytes: 125 });
  });
});

const inStates = (...states: UploadState[]): Queue =>
  addFiles([], files(states.length)).map((upload, index) => ({ ...upload, state: states[index] ?? "waiting" }));
const ids = (queue: Queue) => queue.map(({ id }) => id);

describe("an upload", () => {
  it("can be cancelled until it is done, alone or with all others", () => {
    const queue = inStates("waiting", "sending", "ready", "failed");

    expect(ids(cancelOpen(queue, 1))).toEqual([0, 2, 3]);
    expect(ids(cancelOpen(queue, 2))).toEqual([0, 1, 2, 3]);
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
      state: "rejected",
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
    [["ready", "sent", "duplicate", "failed"], "2 photos added, 1 duplicate, 1 failed"],
    [["duplicate"], "1 duplicate"],
    [["rejected"], "0 photos added, 1 failed"],
  ])("in the states %j is summarized as %s", (states, words) => {
    expect(summarize(totals(inStates(...states)))).toBe(words);
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
