// The response of the object store to an upload form that it doesn't accept. Pure.

import { Problem } from "../http";

const REFUSALS: Readonly<Record<number, string>> = {
  400: "The file didn't arrive completely. Try again.",
  403: "The upload took too long to start. Try again.",
  413: "The file is too large. Choose a smaller file.",
  507: "The disk of this PixTag is full, so the file wasn't stored. Free disk space, then try again.",
};
const OTHER = "The file wasn't stored. Try again in a moment.";

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
