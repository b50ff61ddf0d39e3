// The response of the object store to an upload form that it doesn't accept. Pure.

import * as messages from "#messages/uploads";
import { Problem } from "../http";

const REFUSALS: Readonly<Record<number, string>> = {
  400: messages.fileIncomplete,
  403: messages.uploadTooLate,
  413: messages.fileTooLarge,
  507: messages.diskFull,
};
const OTHER = messages.fileNotStored;

/**
 * Return the problem for a response. Its body isn't shown: S3 responds in XML, and PixTag describes the form to programs.
 * `retryAfter` is the header; null if there is none.
 */
export function refusalOf(status: number, retryAfter: string | null): Problem {
  const seconds = Number(retryAfter ?? Number.NaN);
  return new Problem(REFUSALS[status] ?? OTHER, status, "not-stored", Number.isFinite(seconds) ? seconds : null);
}

/** Whether another attempt with the same file can't help. */
export function isFinal(error: unknown): boolean {
  return error instanceof Problem && error.status === 413;
}
