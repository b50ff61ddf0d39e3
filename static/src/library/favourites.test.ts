import { beforeEach, expect, it, vi } from "vitest";
import { Problem } from "../http";
import { markFavourites } from "./favourites";
import type { Feed } from "./feed";
import { testImage } from "./test-image";

const mocks = vi.hoisted(() => ({ post: vi.fn(), toast: vi.fn(), offerUndo: vi.fn(), everything: vi.fn() }));
vi.mock("../api", () => ({ get: vi.fn(), post: mocks.post }));
vi.mock("../ui/toasts", () => ({ announce: () => {}, toast: mocks.toast }));
vi.mock("./undo", () => ({ offerUndo: mocks.offerUndo }));
vi.mock("./feeds", () => ({ everything: mocks.everything, forgetSearches: () => {} }));

let feed: Feed;
const marked = () => feed.images.value.filter(({ favourite }) => favourite).map(({ id }) => id);

beforeEach(async () => {
  vi.stubGlobal("localStorage", { getItem: () => null });
  const { Feed: Loaded } = await import("./feed");
  feed = new Loaded(() => Promise.reject(new Error("not requested")));
  feed.images.value = [testImage("c"), testImage("b", { favourite: true }), testImage("a")];
  mocks.everything.mockReturnValue(feed);
  for (const mock of [mocks.post, mocks.toast, mocks.offerUndo]) {
    mock.mockReset();
  }
});

it("shows marks before they are stored, and takes back those that were refused", async () => {
  const outcomes = [
    { image: "c", result: "changed", detail: "" },
    { image: "b", result: "unchanged", detail: "" },
    { image: "a", result: "failed", detail: "Too many tags." },
  ];
  let shown: readonly string[] = [];
  mocks.post.mockImplementation(() => {
    shown = marked();
    return Promise.resolve({ changed: 1, outcomes, next: null, operation: "o" });
  });

  await markFavourites(feed, ["c", "b", "a"], true);

  expect(shown).toEqual(["c", "b", "a"]);
  expect(marked()).toEqual(["c", "b"]);
  expect(mocks.offerUndo.mock.calls).toMatchObject([
    [{ size: 1, text: "1 photo added to favourites, 1 unchanged, 1 failed" }],
  ]);
  expect(mocks.toast.mock.calls).toEqual([["Too many tags.", "failed"]]);
});

it("changes nothing if PixTag rejects the request", async () => {
  mocks.post.mockRejectedValue(new Problem("The disk is full.", 507));

  await markFavourites(feed, ["c", "b"], false);

  expect(marked()).toEqual(["b"]);
  expect(mocks.offerUndo).not.toHaveBeenCalled();
  expect(mocks.toast.mock.calls).toEqual([["The disk is full.", "failed"]]);
});
