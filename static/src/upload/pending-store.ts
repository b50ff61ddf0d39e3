// The database with the files that are not uploaded yet. The page and the service worker write to it.

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

/** In place of the id of a page: files that another app shared with PixTag. */
export const SHARED = "shared";

const DATABASE = "pixtag";
const STORE = "uploads";

/** Run a transaction on the store. */
export async function within<T>(
  mode: IDBTransactionMode,
  act: (store: IDBObjectStore) => unknown,
): Promise<T | undefined> {
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
