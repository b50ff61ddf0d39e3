// Files that are not uploaded yet, saved in IndexedDB to survive a reload. Files beyond the size limit are saved by name.
// All of this is best effort: errors are ignored, and then nothing is offered after a reload.

export interface PendingUpload {
  readonly key: string;
  /** The id of the page (a tab until its reload) that uploads it. */
  readonly page: string;
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** `File.lastModified`; with the name and the size, it tells whether a chosen file is the same one. */
  readonly lastModified?: number;
  /** Null if there was no room; then the person has to choose it again. */
  readonly file: File | null;
  /** The image that the API created for it; empty before that. */
  readonly imageId: string;
  /** Whether the file is sent in parts, so that its upload can be continued. */
  readonly isInParts?: boolean;
}

const DATABASE = "pixtag";
const STORE = "uploads";
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

export function forgetAllPending(): void {
  savedBytes = 0;
  within("readwrite", (store) => store.clear()).catch(() => {});
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

/** Run a transaction on the store. */
async function within<T>(mode: IDBTransactionMode, act: (store: IDBObjectStore) => unknown): Promise<T | undefined> {
  const database = await open();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const request = act(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request instanceof IDBRequest ? request.result : undefined);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "key" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
