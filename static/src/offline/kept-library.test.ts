import { beforeEach, describe, expect, it } from "vitest";
import { testImage } from "../library/test-image";
import type { ImageSummary } from "../schemas";
import { forgetPhotos, keepPhotos, readPhotos, readThumbnail } from "./kept-library";
import { TestCacheStorage } from "./test-cache-storage";

let storages = new TestCacheStorage();
let requested: string[] = [];

const { signal } = new AbortController();

function photo(id: string, signature = "1"): ImageSummary {
  const thumbnail = `https://bucket.example/thumbnails/${id}?signature=${signature}`;
  return testImage(id, { links: { thumbnail, large_thumbnail: "", preview: "" } });
}

const request: typeof fetch = (url) => {
  requested.push(String(url));
  return String(url).includes("broken") ? Promise.reject(new TypeError()) : Promise.resolve(new Response(`of ${url}`));
};

const keep = (...images: readonly ImageSummary[]) => keepPhotos(images, signal, storages, request);

beforeEach(() => {
  storages = new TestCacheStorage();
  requested = [];
});

describe("the photos that are kept", () => {
  it("can be read", async () => {
    await keep(photo("a"), photo("broken"), { ...photo("b"), links: null });

    expect((await readPhotos(storages)).map(({ name }) => name)).toEqual(["a.jpg"]);
    expect(await (await readThumbnail("a", storages))?.text()).toBe(
      "of https://bucket.example/thumbnails/a?signature=1",
    );
    expect(await readThumbnail("broken", storages)).toBeNull();
  });

  it("are loaded once, whatever the signature of their links", async () => {
    await keep(photo("a"));
    await keep(photo("a", "2"), photo("b", "2"));

    expect(requested).toEqual(
      ["a?signature=1", "b?signature=2"].map((end) => `https://bucket.example/thumbnails/${end}`),
    );
    expect(storages.paths).toEqual(["/offline/list", "/offline/thumbnails/a", "/offline/thumbnails/b"]);
  });

  it("are the first 200, and no others", async () => {
    await keep(photo("old"));
    await keep(...Array.from({ length: 210 }, (_, index) => photo(`${index}`)));

    expect(await readPhotos(storages)).toHaveLength(200);
    expect(storages.paths).toHaveLength(201);
    expect(storages.paths).not.toContain("/offline/thumbnails/old");
  });

  it("are forgotten", async () => {
    await keep(photo("a"));

    await forgetPhotos(storages);

    expect(storages.paths).toEqual([]);
    expect(await readPhotos(storages)).toEqual([]);
  });

  it("don't come back when they are forgotten while they are loaded", async () => {
    const ended = new AbortController();
    const slow: typeof fetch = async (url) => {
      await forgetPhotos(storages);
      ended.abort(new Error("signed out"));
      return request(url);
    };

    await expect(keepPhotos([photo("a")], ended.signal, storages, slow)).rejects.toThrow("signed out");
    await expect(keepPhotos([], ended.signal, storages, slow)).rejects.toThrow("signed out");
    expect(storages.paths).toEqual([]);
  });

  it("are none without storage", async () => {
    expect(await readPhotos(undefined)).toEqual([]);
    await forgetPhotos(undefined);
  });
});
