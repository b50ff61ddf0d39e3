// Files that are not uploaded yet, saved in IndexedDB to survive a reload. Files beyond the size limit are saved by name.
// All of this is best effort: errors are ignored, and then nothing is offered after a reload.

import { type PendingUpload, SHARED, within } from "./pending-store";

const MAX_BYTES = 500e6; // browsers copy saved files
const LOCK = "pixtag-uploads-";
const PAGE = `${Date.now()}-${Math.random()}`;

let savedBytes = 0;

// A page holds this lock while it is open. Other pages leave its uploads alone.
void globalThis.navigator?.locks?.request(LOCK + PAGE, () => new Promise(() => {}));

export function savePending(
  entries: readonly { readonly id: number; readonly file: File; readonly imageId: string }[],
): void {
  const records = entries.map(({ id, file, imageId }) => {
    savedBytes += file.size;
    const { name, size, lastModified } = file;
    const saved = savedBytes <= MAX_BYTES ? file : null;
    return { key: keyOf(id), page: PAGE, name, size, lastModified, imageId, isInParts: imageId !== "", file: saved };
  });
  const put = (all: readonly PendingUpload[]) =>
    within("readwrite", (store) => {
      for (const record of all) {
        store.put(record);
      }
    });
  // If there is no room for the files, save their names.
  put(records).catch(() => put(records.map((record) => ({ ...record, file: null }))).catch(() => {}));
}

/** Save which image the API created for an upload. */
export function saveOffer(id: number, imageId: string, isInParts: boolean): void {
  within("readwrite", (store) => {
    const request = store.get(keyOf(id)) as IDBRequest<PendingUpload | undefined>;
    request.onsuccess = () => request.result && store.put({ ...request.result, imageId, isInParts });
  }).catch(() => {});
}

export function keyOf(id: number): string {
  return `${PAGE}/${id}`;
}

/** Delete pending uploads. The promise is fulfilled after that, or after an error. */
export async function forgetPending(keys: readonly string[]): Promise<void> {
  await within("readwrite", (store) => {
    for (const key of keys) {
      store.delete(key);
    }
  }).catch(() => {});
}

/** Delete the pending uploads of all pages. Files that were shared wait for the next person who signs in. */
export function forgetAllPending(): void {
  savedBytes = 0;
  within("readwrite", (store) => {
    const request = store.getAll() as IDBRequest<PendingUpload[]>;
    request.onsuccess = () => {
      for (const { key } of request.result.filter(({ page }) => page !== SHARED)) {
        store.delete(key);
      }
    };
  }).catch(() => {});
}

/** Return the pending uploads of pages that were closed. */
export async function readLeftBehind(): Promise<readonly PendingUpload[]> {
  try {
    const all = await within<PendingUpload[]>("readonly", (store) => store.getAll());
    const { held = [] } = (await navigator.locks?.query()) ?? {};
    const open = new Set(held.map(({ name }) => name));
    return (all ?? []).filter(({ page }) => page !== PAGE && !open.has(LOCK + page));
  } catch {
    return [];
  }
}

/** Return the ids of the images that the API has created for the pending uploads of all pages. */
export async function readOfferedIds(): Promise<ReadonlySet<string>> {
  const all = await within<PendingUpload[]>("readonly", (store) => store.getAll()).catch(() => []);
  return new Set((all ?? []).map(({ imageId }) => imageId));
}
