// Receives photos that other apps share with PixTag. They wait in the database of uploads for the page.

import { type PendingUpload, SHARED, within } from "../upload/pending-store";

const FIELD = "photos"; // as in manifest.webmanifest

type Save = (uploads: readonly PendingUpload[]) => Promise<unknown>;

/** Keep the shared files, and open the page, which uploads them or says that they didn't arrive. */
export async function receiveShare(request: Request, save: Save = put): Promise<Response> {
  return Response.redirect(new URL(`/?shared=${await keepFiles(request, save)}`, request.url).href, 303);
}

async function keepFiles(request: Request, save: Save): Promise<string> {
  try {
    const files = (await request.formData()).getAll(FIELD).filter((value) => value instanceof File);
    await save(files.map(toPending));
    return files.length > 0 ? "files" : "nothing";
  } catch {
    return "failed"; // the device may have no room for them
  }
}

function toPending(file: File): PendingUpload {
  const { name, size, lastModified } = file;
  return { key: `${SHARED}/${crypto.randomUUID()}`, page: SHARED, name, size, lastModified, file, imageId: "" };
}

function put(uploads: readonly PendingUpload[]): Promise<unknown> {
  return within("readwrite", (store) => {
    for (const upload of uploads) {
      store.put(upload);
    }
  });
}
