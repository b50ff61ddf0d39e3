// The photos of a download, read from the lists of the API.

import { get } from "../api";
import type { ImageSummary } from "../schemas";
import type { Entry } from "./parts";

const PAGE = 100;

/** What a download contains: these photos, all that match a query, or the originals of the whole library. */
export type DownloadSource = { readonly images: readonly ImageSummary[] } | { readonly query: string } | "library";

/** Return the photos of a source. Failed photos are included, because PixTag keeps their files. */
export async function listEntries(
  source: DownloadSource,
  signal: AbortSignal,
  onCount: (count: number) => void,
): Promise<readonly Entry[]> {
  if (typeof source === "object" && "images" in source) {
    return toEntries(source.images);
  }
  const entries: Entry[] = [];
  let cursor: string | null = null;
  do {
    const page = await readPage(source, cursor, signal);
    entries.push(...toEntries(page.images));
    onCount(entries.length);
    cursor = page.next;
  } while (cursor !== null);
  return entries;
}

async function readPage(
  source: { readonly query: string } | "library",
  cursor: string | null,
  signal: AbortSignal,
): Promise<{ readonly images: readonly ImageSummary[]; readonly next: string | null }> {
  const page = { limit: PAGE, ...(cursor !== null && { cursor }) };
  return source === "library"
    ? await get("/images", { query: { order: "added", ...page }, signal })
    : await get("/search", { query: { q: source.query, ...page }, signal });
}

function toEntries(images: readonly ImageSummary[]): readonly Entry[] {
  return images
    .filter(({ state }) => state === "ready" || state === "failed")
    .map(({ id, name, size }) => ({ id, name, size }));
}
