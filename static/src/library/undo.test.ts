import { beforeEach, describe, expect, it, vi } from "vitest";
import { Problem } from "../http";
import {
  canUndo,
  closeUndoing,
  finishBeforeUndo,
  latestChange,
  type OperationChange,
  offerUndo,
  undoing,
  undoLatest,
} from "./undo";

const { post, toast, closeToast } = vi.hoisted(() => ({ post: vi.fn(), toast: vi.fn(), closeToast: vi.fn() }));
vi.mock("../api", () => ({ post }));
vi.mock("../session", () => ({ onSignedOut: () => {} }));
vi.mock("../ui/toasts", () => ({ announce: () => {}, toast, closeToast }));

const page = (next: string | null, ...results: readonly string[]) => ({
  changed: results.length,
  outcomes: results.map((result, index) => ({ image: `${next}${index}`, result, detail: "" })),
  next,
  operation: "o",
});

function offer(size = 2, operation = "o") {
  const undone: string[][] = [];
  const change: OperationChange = { operation, text: "Changed", size, onUndone: (ids) => undone.push([...ids]) };
  offerUndo(change);
  return { change, undone };
}

beforeEach(() => {
  post.mockReset();
  post.mockResolvedValue(page(null));
  closeUndoing();
});

async function undoAll(): Promise<void> {
  while (latestChange.value) {
    const before = post.mock.calls.length;
    undoLatest();
    await vi.waitFor(() => expect(post.mock.calls.length).toBeGreaterThan(before));
    await new Promise((done) => setTimeout(done));
  }
}

describe("changes that can be undone", () => {
  it("are undone latest first, each once", async () => {
    offer(1, "first");
    offer(1, "second");

    await undoAll();

    expect(post.mock.calls.map(([, { path }]) => path.operation)).toEqual(["second", "first"]);
  });

  it("can be undone by the part that made them", async () => {
    const undo = vi.fn(() => Promise.resolve());
    offerUndo({ text: "Moved", size: 1, undo });

    undoLatest();

    await vi.waitFor(() => expect(undo).toHaveBeenCalledTimes(1));
    expect([latestChange.value, post.mock.calls.length]).toEqual([null, 0]);
  });

  it("wait until a later change is saved", async () => {
    let save = () => {};
    finishBeforeUndo(
      new Promise<void>((resolve) => {
        save = resolve;
      }),
    );

    expect(canUndo.value).toBe(true);
    undoLatest();
    await new Promise((done) => setTimeout(done));
    offer(1, "saved");
    save();

    await vi.waitFor(() => expect(canUndo.value).toBe(false));
    expect(post.mock.calls.map(([, { path }]) => path.operation)).toEqual(["saved"]);
  });

  it("lose their messages when they are undone", async () => {
    toast.mockReturnValueOnce(7);
    offer(1, "first");
    toast.mockReturnValueOnce(8);
    offer(1, "second");
    closeToast.mockReset();

    undoLatest();
    await vi.waitFor(() => expect(latestChange.value).toMatchObject({ operation: "first" }));

    expect(closeToast.mock.calls).toEqual([[8]]);
    await undoAll();
    expect(closeToast.mock.calls).toEqual([[8], [7]]);
  });

  it("are undone one after the other", async () => {
    offer(1, "first");
    offer(1, "second");

    undoLatest();
    undoLatest();
    undoLatest(); // nothing is left
    await vi.waitFor(() => expect(latestChange.value).toBeNull());

    expect(post.mock.calls.map(([, { path }]) => path.operation)).toEqual(["second", "first"]);
  });

  it("are not offered if nothing can be undone", () => {
    offer(0);

    expect(latestChange.value).toBeNull();
  });

  it("are undone page by page, also the images that were undone already", async () => {
    post.mockResolvedValueOnce(page("a", "changed", "unchanged")).mockResolvedValueOnce(page(null, "changed"));
    const { undone } = offer();

    await undoAll();

    expect(post.mock.calls.map(([, { body }]) => body)).toEqual([{ cursor: null }, { cursor: "a" }]);
    expect(undone).toEqual([["a0", "a1", "null0"]]);
    expect(undoing.value).toBeNull();
  });

  it("list the images that stay as they are", async () => {
    post.mockResolvedValueOnce(page(null, "changed", "failed"));
    const { undone } = offer();

    await undoAll();

    expect(undone).toEqual([["null0"]]);
    expect(undoing.value?.kept?.map(({ image }) => image)).toEqual(["null1"]);
    expect(undoing.value?.restored).toBe(1);
  });

  it("are forgotten if they are too old", async () => {
    post.mockRejectedValueOnce(new Problem("Too late.", 404));
    const { undone } = offer();

    await undoAll();

    expect([undone, undoing.value]).toEqual([[], null]);
  });

  it("can be undone again after a failure", async () => {
    post.mockRejectedValueOnce(new Problem("PixTag failed.", 500));
    const { change } = offer();

    undoLatest();
    await vi.waitFor(() => expect(undoing.value?.ended).toBe("PixTag failed."));

    expect(latestChange.value).toBe(change);
    expect(post).toHaveBeenCalledTimes(1);
    await undoAll();
  });

  it("show their progress if they need several requests", async () => {
    let answer: (response: unknown) => void = () => {};
    post.mockReturnValueOnce(
      new Promise((done) => {
        answer = done;
      }),
    );
    offer(101);

    undoLatest();

    await vi.waitFor(() => expect(undoing.value?.kept).toBeNull());
    answer(page(null, "changed"));
    await vi.waitFor(() => expect(undoing.value).toBeNull());
  });
});
