// Sends a large file in parts. An interrupted upload continues with the parts that are missing.

import { get, post } from "../api";
import { Problem, pause } from "../http";
import { retryWhenBusy } from "../retry";
import type { UploadPart } from "../schemas";
import { put } from "./object-request";

const MAX_FAILURES = 3; // in a row, without a part that arrives
const PAUSE_MS = 1_000;

export interface PartTransfer {
  readonly imageId: string;
  readonly file: Blob;
  readonly signal: AbortSignal;
  readonly onSent: (bytes: number) => void;
  readonly onWait: (seconds: number) => void;
}

/** Return the parts that are missing; null if the upload was removed. */
export async function findMissing(imageId: string, signal: AbortSignal): Promise<readonly UploadPart[] | null> {
  try {
    const { parts } = await get("/uploads/{image_id}", { path: { image_id: imageId }, signal });
    return parts ?? [];
  } catch (error) {
    if (isGone(error)) {
      return null;
    }
    throw error;
  }
}

/** Send the missing parts, and complete the upload. After a failure, continue with new links. */
export async function sendParts(missing: readonly UploadPart[], transfer: PartTransfer): Promise<void> {
  let left = missing;
  let failures = 0;
  for (;;) {
    try {
      await sendAll(left, transfer, () => {
        failures = 0;
      });
      return;
    } catch (error) {
      failures += 1;
      if (transfer.signal.aborted || failures > MAX_FAILURES || !canContinue(error)) {
        throw error;
      }
      await pause(PAUSE_MS, transfer.signal);
      const found = await findMissing(transfer.imageId, transfer.signal);
      if (!found) {
        throw error;
      }
      left = found;
    }
  }
}

async function sendAll(parts: readonly UploadPart[], transfer: PartTransfer, onArrival: () => void): Promise<void> {
  const { imageId, file, signal, onSent, onWait } = transfer;
  let sent = file.size - parts.reduce((sum, { size }) => sum + size, 0);
  onSent(sent);
  for (const { start, size, url } of parts) {
    const bytes = file.slice(start, start + size);
    await retryWhenBusy(() => put(url, bytes, signal, (loaded) => onSent(sent + loaded)), signal, onWait);
    sent += size;
    onSent(sent);
    onArrival();
  }
  const complete = () => post("/uploads/{image_id}/complete", { path: { image_id: imageId }, signal });
  await retryWhenBusy(complete, signal, onWait);
}

/** Whether the upload was removed, because it was cancelled or took more than a day. */
function isGone(error: unknown): boolean {
  return error instanceof Problem && (error.status === 404 || error.status === 410);
}

/** Whether new links can help: a link has expired, a part was lost, or a request failed. */
function canContinue(error: unknown): boolean {
  return error instanceof Problem && error.status !== 413 && error.status !== 429 && error.status !== 507;
}
