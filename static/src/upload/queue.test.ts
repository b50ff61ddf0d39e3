import { describe, expect, it } from "vitest";
import {
  added,
  cancelled,
  changed,
  cleared,
  due,
  followed,
  MAX_BYTES,
  mediaType,
  type Queue,
  refusal,
  retried,
  shown,
  summary,
  totals,
  type Upload,
  type UploadState,
} from "./queue";

const file = (id: number, more = {}) => ({ id, name: `${id}.jpg`, type: "image/jpeg", size: 100, ...more });
const files = (count: number) => Array.from({ length: count }, (_, index) => file(index));

describe("the queue", () => {
  it("begins three at a time, those first that wait longest", () => {
    let queue = added([], files(5));
    expect(due(queue).map(({ id }) => id)).toEqual([0, 1, 2]);

    queue = changed(queue, 0, { state: "sending" });
    queue = changed(queue, 1, { state: "sent" });
    expect(due(queue).map(({ id }) => id)).toEqual([2, 3]);
  });

  it("never begins more than there is room for", () => {
    const queue = added([], files(5)).map((upload) => ({ ...upload, state: "sending" as const }));

    expect(due(queue)).toEqual([]);
  });

  it("marks what would be refused, and never sends it", () => {
    const queue = added([], [file(1, { type: "application/pdf" })]);

    expect(queue[0]?.state).toBe("refused");
    expect(due(queue)).toEqual([]);
    expect(retried(queue)).toEqual(queue);
  });

  it("tries again one that failed, or all of them", () => {
    const queue = added([], files(2)).map((upload) => ({
      ...upload,
      state: "failed" as const,
      reason: "No.",
      sent: 50,
    }));

    expect(retried(queue, 1).map(({ state, reason, sent }) => [state, reason, sent])).toEqual([
      ["failed", "No.", 50],
      ["waiting", "", 0],
    ]);
    expect(due(retried(queue))).toHaveLength(2);
  });

  it("forgets what is done when it is cleared", () => {
    let queue = added([], [...files(2), file(7, { size: 0 })]);
    queue = changed(queue, 0, { state: "sent" });

    expect(cleared(queue).map(({ id }) => id)).toEqual([1]);
  });

  it("counts files and bytes, those that are refused only as files", () => {
    let queue = added([], [...files(3), file(7, { type: "text/html", size: 9999 })]);
    queue = changed(queue, 0, { state: "sent", sent: 100 });
    queue = changed(queue, 1, { state: "failed" });
    queue = changed(queue, 2, { state: "sending", sent: 25 });

    expect(totals(queue)).toEqual({ files: 4, done: 3, failed: 2, known: 0, bytes: 300, sentBytes: 125 });
  });
});

const inStates = (...states: UploadState[]): Queue =>
  added([], files(states.length)).map((upload, index) => ({ ...upload, state: states[index] ?? "waiting" }));
const ids = (queue: Queue) => queue.map(({ id }) => id);

describe("what is in the queue", () => {
  it("is cancelled as long as it is open, one or all", () => {
    const queue = inStates("waiting", "sending", "ready", "failed");

    expect(ids(cancelled(queue, 1))).toEqual([0, 2, 3]);
    expect(ids(cancelled(queue, 2))).toEqual([0, 1, 2, 3]);
    expect(ids(cancelled(queue))).toEqual([2, 3]);
  });

  it("is neither sent nor to be sent when the library has it", () => {
    expect(totals(inStates("known", "waiting"))).toMatchObject({ files: 2, done: 1, known: 1, bytes: 100 });
  });

  it("follows its image", () => {
    const [sent] = inStates("sent") as [Upload];
    const image = { state: "ready", reason: "", tags: [{ tag: "dog", count: 2 }] };

    expect(followed(sent, undefined)).toBe(sent);
    expect(followed(sent, { ...image, state: "pending" })).toBe(sent);
    expect(followed({ ...sent, state: "known" }, image).state).toBe("known");
    expect(followed(sent, image)).toMatchObject({ state: "ready", tags: image.tags });
    expect(followed(sent, { ...image, state: "failed", reason: "Cut off." })).toMatchObject({
      state: "refused",
      reason: "Cut off.",
    });
  });

  it("is shown with what is on its way first, then what went wrong, the last that are done, and the next", () => {
    const queue = inStates("ready", "sent", "failed", "sending", "waiting", "waiting");

    expect(ids(shown(queue, 9))).toEqual([3, 2, 1, 0, 4, 5]);
    expect(ids(shown(queue, 2))).toEqual([3, 2]);
  });

  it.each<[UploadState[], string]>([
    [["ready"], "1 photograph added"],
    [["ready", "sent", "known", "failed"], "2 photographs added, 1 already there, 1 not"],
    [["known"], "1 already there"],
    [["refused"], "0 photographs added, 1 not"],
  ])("of %j is summed up as %s", (states, words) => {
    expect(summary(totals(inStates(...states)))).toBe(words);
  });
});

describe("a file", () => {
  it.each([
    [{ name: "a.jpg", type: "image/jpeg" }, "image/jpeg"],
    [{ name: "IMG_1.HEIC", type: "" }, "image/heic"],
    [{ name: "notes", type: "" }, ""],
  ])("%o has the type %s", (one, type) => {
    expect(mediaType(one)).toBe(type);
  });

  it.each([
    ["image/png", 1, ""],
    ["image/png", MAX_BYTES, ""],
    ["image/png", MAX_BYTES + 1, "Larger than 50 MiB."],
    ["image/png", 0, "The file is empty."],
    ["image/svg+xml", 1, "Not a JPEG, PNG, WebP, GIF, HEIC or AVIF picture."],
  ])("of type %s with %i bytes is refused with %j", (type, size, reason) => {
    expect(refusal({ type, size })).toBe(reason);
  });
});
