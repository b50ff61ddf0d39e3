// Thumbnails of the photos that the library shows first, for the time without a network. Only this device has them, and
// only while the person is signed in.

import type { ImageSummary } from "../schemas";

const CACHE = "pixtag-library";
const FOLDER = "/offline/";
const LIST = `${FOLDER}list`;
const MAX_PHOTOS = 200;

export interface KeptPhoto {
  readonly id: string;
  readonly name: string;
  readonly width: number;
  readonly height: number;
}

type Storages = Pick<CacheStorage, "open" | "delete">;

/** The signature in a link changes, so thumbnails have keys of their own. */
function keyOf(id: string): string {
  return `${FOLDER}thumbnails/${id}`;
}

/** Keep the thumbnails of the first photos, and forget all others. Thumbnails that are kept are not loaded again. */
export async function keepPhotos(
  images: readonly ImageSummary[],
  signal: AbortSignal,
  storages: Storages = caches,
  request: typeof fetch = fetch,
): Promise<void> {
  signal.throwIfAborted(); // photos of a person who has signed out aren't kept
  const cache = await storages.open(CACHE);
  const known = new Set((await cache.keys()).map(({ url }) => new URL(url).pathname));
  const kept: KeptPhoto[] = [];
  for (const { id, name, width, height, links } of images.slice(0, MAX_PHOTOS)) {
    const key = keyOf(id);
    if (links && !known.has(key)) {
      // The bucket sends no CORS headers to an <img>, so the browser's copy of that response can't be used.
      const response = await request(links.thumbnail, { signal, cache: "no-store" }).catch(() => null);
      signal.throwIfAborted();
      if (response?.ok) {
        await cache.put(key, response);
        known.add(key);
      }
    }
    if (known.has(key)) {
      kept.push({ id, name, width, height });
    }
  }
  signal.throwIfAborted();
  await cache.put(LIST, Response.json(kept));
  const needed = new Set([LIST, ...kept.map(({ id }) => keyOf(id))]);
  for (const key of known) {
    if (!needed.has(key)) {
      await cache.delete(key);
    }
  }
}

/** Return the photos that are kept; none without storage. */
export async function readPhotos(storages: Storages | undefined = globalThis.caches): Promise<readonly KeptPhoto[]> {
  try {
    const list = await (await storages?.open(CACHE))?.match(LIST);
    return ((await list?.json()) ?? []) as readonly KeptPhoto[];
  } catch {
    return [];
  }
}

/** Return the thumbnail of a photo that is kept. */
export async function readThumbnail(id: string, storages: Storages = caches): Promise<Blob | null> {
  const response = await (await storages.open(CACHE)).match(keyOf(id));
  return (await response?.blob()) ?? null;
}

/** Forget all photos. */
export async function forgetPhotos(storages: Storages | undefined = globalThis.caches): Promise<void> {
  await storages?.delete(CACHE).catch(() => {});
}
