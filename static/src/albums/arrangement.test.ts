import { type Signal, signal } from "@preact/signals";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Problem } from "../http";
import type { AlbumPhotos } from "../library/album-feed";
import { testImage } from "../library/test-image";
import type { AlbumResponse } from "../schemas";
import type { Arrangement } from "./arrangement";

const mocks = vi.hoisted(() => ({
  get: vi.fn(),
  put: vi.fn(),
  toast: vi.fn(),
  offerUndo: vi.fn(),
  readAlbum: vi.fn(),
}));
vi.mock("../api", () => ({
  get: mocks.get,
  put: mocks.put,
  ifUnchanged: ({ id }: AlbumResponse) => ({ "if-match": id }),
}));
vi.mock("../session", () => ({ onSignedOut: () => {} }));
vi.mock("../ui/toasts", () => ({ announce: () => {}, toast: mocks.toast }));
vi.mock("../library/undo", () => ({ offerUndo: mocks.offerUndo, finishBeforeUndo: () => {} }));
vi.mock("../library/albums", () => ({ putAlbum: () => {}, readAlbum: mocks.readAlbum }));

const version = (id: string) => ({ id }) as AlbumResponse;
const pages = (...texts: readonly string[]) =>
  mocks.get.mockImplementation((_path: string, { query: { cursor = "0" } }) => {
    const next = Number(cursor) + 1;
    const images = [...(texts[Number(cursor)] ?? "")].map((id) => testImage(id));
    return Promise.resolve({ images, next: next < texts.length ? String(next) : null });
  });

let photos: AlbumPhotos;
let album: Signal<AlbumResponse | null>;
let arrangement: Arrangement;

const shown = () => photos.feed.images.value.map(({ id }) => id).join("");
const sent = () => mocks.put.mock.calls.map(([, { body }]) => body.images.join(""));
const toStart = (ids: string) =>
  arrangement.move(
    new Set(ids),
    (order) => [...ids, ...order.filter((id) => !ids.includes(id))],
    () => {},
  );

beforeEach(async () => {
  vi.useFakeTimers();
  vi.stubGlobal("localStorage", { getItem: () => null });
  vi.stubGlobal("location", { pathname: "/", search: "", hostname: "" });
  for (const mock of Object.values(mocks)) {
    mock.mockReset();
  }
  mocks.put.mockImplementation(() => Promise.resolve(version(`v${mocks.put.mock.calls.length}`)));
  const { AlbumPhotos: Photos } = await import("../library/album-feed");
  const { Arrangement: Arranger } = await import("./arrangement");
  photos = new Photos("album", "hand");
  album = signal(version("v0"));
  arrangement = new Arranger(photos, album);
});

afterEach(() => {
  vi.useRealTimers();
});

it("sends all photos with the version of the album, also those that were not loaded", async () => {
  pages("ab", "cd");
  await photos.feed.more();

  void toStart("b");
  await vi.runAllTimersAsync();

  expect([shown(), sent()]).toEqual(["bacd", ["bacd"]]);
  expect(mocks.put.mock.calls[0]?.[1]).toMatchObject({ header: { "if-match": "v0" }, path: { album_id: "album" } });
  expect(album.value).toEqual(version("v1"));
});

it("waits for a page that is being loaded", async () => {
  pages("ab", "cd");
  void photos.feed.more();

  void toStart("c");
  await vi.runAllTimersAsync();

  expect(sent()).toEqual(["cabd"]);
});

it("sends moves in a row one after the other, and they are undone together", async () => {
  pages("abcd");
  await photos.feed.more();

  void toStart("b");
  void toStart("c");
  await vi.advanceTimersByTimeAsync(100);
  void toStart("d");
  await vi.runAllTimersAsync();
  expect(sent()).toEqual(["bacd", "cbad", "dcba"]);
  expect(mocks.offerUndo.mock.calls).toMatchObject([[{ size: 3, text: "3 photos moved" }]]);

  void mocks.offerUndo.mock.calls[0]?.[0].undo();
  await vi.runAllTimersAsync();
  expect([shown(), sent().at(-1), mocks.offerUndo.mock.calls.length]).toEqual(["abcd", "abcd", 1]);
});

it("changes nothing if the order stays the same", async () => {
  pages("abcd");
  await photos.feed.more();

  void toStart("a");
  await vi.runAllTimersAsync();

  expect([sent(), mocks.offerUndo.mock.calls]).toEqual([[], []]);
});

it("takes a move back that PixTag refuses, and says why", async () => {
  pages("abcd");
  await photos.feed.more();
  mocks.put.mockRejectedValueOnce(new Problem("Try again.", 503));

  void toStart("c");
  await vi.runAllTimersAsync();

  expect([shown(), mocks.toast.mock.calls]).toEqual(["abcd", [["Try again.", "failed"]]]);
  expect(mocks.offerUndo).not.toHaveBeenCalled();
  void toStart("d");
  await vi.runAllTimersAsync();
  expect(sent().at(-1)).toBe("dabc");
});

it("shows the order of another tab after a conflict", async () => {
  pages("abcd");
  await photos.feed.more();
  mocks.put.mockRejectedValueOnce(new Problem("Outdated.", 412));
  mocks.readAlbum.mockResolvedValue(version("v7"));
  pages("dcba");

  void toStart("c");
  await vi.runAllTimersAsync();

  expect([shown(), album.value]).toEqual(["dcba", version("v7")]);
  expect(mocks.toast.mock.calls[0]?.[0]).toContain("changed in another tab");
});

it("moves nothing if a page can't be loaded", async () => {
  pages("ab", "cd");
  await photos.feed.more();
  mocks.get.mockRejectedValue(new Problem("You're offline."));

  void toStart("b");
  await vi.runAllTimersAsync();

  expect([shown(), sent(), mocks.toast.mock.calls]).toEqual(["ab", [], [["You're offline.", "failed"]]]);
});

it("moves nothing beyond the photos that PixTag places", async () => {
  const { MAX_PLACED } = await import("./arrangement");
  pages("ab");
  const images = Array.from({ length: MAX_PLACED + 1 }, (_, index) => testImage(`image ${index}`));
  mocks.get.mockResolvedValue({ images, next: null });
  await photos.feed.more();
  const last = new Set([`image ${MAX_PLACED - 1}`]);

  void arrangement.move(
    last,
    (order) => [...order.filter((id) => !last.has(id)), ...last],
    () => {},
  );
  await vi.runAllTimersAsync();

  expect([sent(), mocks.toast.mock.calls.length]).toEqual([[], 1]);
});
