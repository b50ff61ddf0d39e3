// What was not sent yet, kept in IndexedDB so that it survives a reload: the files themselves, as far as there is room.
// Everything here is best effort: where the browser keeps nothing, nothing is offered again.

export interface Kept {
  readonly key: string;
  /** The page that is to send it. */
  readonly page: string;
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Null: there was no room, it has to be chosen again. */
  readonly file: File | null;
  /** The image that was offered for it; empty before that. */
  readonly imageId: string;
}

const DATABASE = "pixtag";
const STORE = "uploads";
const MAX_BYTES = 500e6; // browsers copy what they keep
const LOCK = "pixtag-uploads-";
const PAGE = `${Date.now()}-${Math.random()}`;

let keptBytes = 0;

// As long as a page lives it holds its lock: what it is to send is no other page's business.
void globalThis.navigator?.locks?.request(LOCK + PAGE, () => new Promise(() => {}));

export function keep(entries: readonly { readonly id: number; readonly file: File }[]): void {
  const records = entries.map(({ id, file }) => {
    keptBytes += file.size;
    const { name, size } = file;
    return { key: keyOf(id), page: PAGE, name, size, imageId: "", file: keptBytes <= MAX_BYTES ? file : null };
  });
  const put = (all: readonly Kept[]) =>
    within("readwrite", (store) => {
      for (const record of all) {
        store.put(record);
      }
    });
  // Without room for the files there may be some for their names.
  put(records).catch(() => put(records.map((record) => ({ ...record, file: null }))).catch(() => {}));
}

/** Remember which image was offered for it. */
export function noteOffer(id: number, imageId: string): void {
  within("readwrite", (store) => {
    const asked = store.get(keyOf(id)) as IDBRequest<Kept | undefined>;
    asked.onsuccess = () => asked.result && store.put({ ...asked.result, imageId });
  }).catch(() => {});
}

export function keyOf(id: number): string {
  return `${PAGE}/${id}`;
}

export function forget(keys: readonly string[]): void {
  within("readwrite", (store) => {
    for (const key of keys) {
      store.delete(key);
    }
  }).catch(() => {});
}

export function forgetAll(): void {
  keptBytes = 0;
  within("readwrite", (store) => store.clear()).catch(() => {});
}

/** What pages that are no more have left behind. */
export async function leftOver(): Promise<readonly Kept[]> {
  try {
    const all = await within<Kept[]>("readonly", (store) => store.getAll());
    const { held = [] } = (await navigator.locks?.query()) ?? {};
    const alive = new Set(held.map(({ name }) => name));
    return (all ?? []).filter(({ page }) => page !== PAGE && !alive.has(LOCK + page));
  } catch {
    return [];
  }
}

/** Do something with the store, all of it or nothing. */
async function within<T>(mode: IDBTransactionMode, act: (store: IDBObjectStore) => unknown): Promise<T | undefined> {
  const database = await open();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const asked = act(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(asked instanceof IDBRequest ? asked.result : undefined);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(DATABASE, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "key" });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}
