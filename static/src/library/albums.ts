// The person's albums. The side bar, the screens of albums, the dialogs and the chips of a search share them.

import { effect, signal } from "@preact/signals";
import { del, get, patch, post } from "../api";
import { isUnreachable } from "../reachability";
import type { AlbumChange, AlbumList, AlbumResponse } from "../schemas";
import { onSignedOut } from "../session";
import { changes } from "./feeds";
import { normalize } from "./tag-names";

/** The characters of a title. */
export const MAX_TITLE = 200;

const PAGE = 100;
const CHANGE_MS = 1000; // several changes are read together

/** The newest first. Null until they are read. */
export const albums = signal<readonly AlbumResponse[] | null>(null);

let latest = 0; // reading
let change = 0;

onSignedOut(() => {
  latest += 1;
  albums.value = null;
});

/** Return the query for the photos of an album. */
export function albumQuery(id: string): string {
  return `album:"${id}"`;
}

/** Return the album with a title. Titles that differ only in case or spaces are equal. */
export function findAlbum(title: string): AlbumResponse | undefined {
  return albums.value?.find((album) => normalize(album.title) === normalize(title));
}

/** Read all albums. There are at most 1,000. Throws a Problem. */
export async function readAlbums(): Promise<void> {
  latest += 1;
  const number = latest;
  let before: number;
  let read: readonly AlbumResponse[];
  do {
    before = change;
    read = await readPages();
  } while (change !== before && number === latest); // it may not contain a change that was made while it was read
  if (number === latest) {
    albums.value = read.toReversed();
  }
}

async function readPages(): Promise<readonly AlbumResponse[]> {
  const read: AlbumResponse[] = [];
  let cursor: string | null = null;
  do {
    const page: AlbumList = await get("/albums", { query: { limit: PAGE, ...(cursor !== null && { cursor }) } });
    read.push(...page.albums);
    cursor = page.next;
  } while (cursor !== null);
  return read;
}

/** Without a response, the old numbers stay. */
export function readAlbumsQuietly(): void {
  readAlbums().catch(() => {});
}

/** Read the albums, and again after changes of images unless they are many. Returns a function that ends this. */
export function watchAlbums(): () => void {
  if (albums.peek() === null) {
    readAlbumsQuietly();
  }
  const first = changes.peek();
  return effect(() => {
    const { length = 1 } = albums.peek() ?? {};
    if (changes.value === first || length === 0 || length > PAGE) {
      return undefined;
    }
    const timer = setTimeout(readAlbumsQuietly, CHANGE_MS);
    return () => clearTimeout(timer);
  });
}

/** Show the current state of an album wherever it is listed. */
export function putAlbum(album: AlbumResponse): void {
  const listed = albums.value ?? [];
  const isListed = listed.some(({ id }) => id === album.id);
  if (albums.value) {
    albums.value = isListed ? listed.map((each) => (each.id === album.id ? album : each)) : [album, ...listed];
  }
}

/** Read an album. Throws a Problem. */
export async function readAlbum(id: string): Promise<AlbumResponse> {
  const album = await get("/albums/{album_id}", { path: { album_id: id } });
  putAlbum(album);
  return album;
}

/** Create an empty album. Throws a Problem. */
export async function createAlbum(title: string): Promise<AlbumResponse> {
  try {
    const album = await post("/albums", { body: { title } });
    change += 1;
    putAlbum(album);
    return album;
  } catch (error) {
    // Without a response, it may have been created.
    const created = isUnreachable(error) && (await readAlbums().then(() => findAlbum(title)));
    if (created) {
      return created;
    }
    throw error;
  }
}

/** Change the title, the cover or the order of an album. Throws a Problem. */
export async function changeAlbum(id: string, body: AlbumChange): Promise<AlbumResponse> {
  const album = await patch("/albums/{album_id}", { path: { album_id: id }, body });
  change += 1;
  putAlbum(album);
  return album;
}

/** Delete an album. Its photos stay in the library. Throws a Problem. */
export async function deleteAlbum(id: string): Promise<void> {
  await del("/albums/{album_id}", { path: { album_id: id } });
  change += 1;
  albums.value = albums.value?.filter((album) => album.id !== id) ?? null;
}
