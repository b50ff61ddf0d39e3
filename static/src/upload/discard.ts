// Deletes the pending image of an upload that failed or was cancelled.

import { del, get, ifUnchanged } from "../api";
import { Problem, pause } from "../http";
import { session } from "../session";

const ATTEMPTS = 60;
const PAUSE_MS = 5_000;

/** Delete an image. If that isn't possible now, delete it later, unless its file has arrived after all. */
export async function discard(imageId: string): Promise<void> {
  const path = { image_id: imageId };
  try {
    await del("/images/{image_id}", { path });
    return;
  } catch (error) {
    if (!mayPass(error)) {
      return;
    }
  }
  for (let attempt = 1; attempt <= ATTEMPTS && session.value === "in"; attempt += 1) {
    await pause(PAUSE_MS);
    try {
      const image = await get("/images/{image_id}", { path });
      if (image.state === "pending") {
        await del("/images/{image_id}", { path, header: ifUnchanged(image) });
      }
      return;
    } catch (error) {
      if (!mayPass(error)) {
        return;
      }
    }
  }
}

/** Whether the same request may succeed later: the server can't be reached, is busy, or can't write. */
function mayPass(error: unknown): boolean {
  return error instanceof Problem && (error.status === 0 || error.status === 429 || error.status >= 500);
}
