// Retry requests when the API is busy.

import { Problem, pause } from "../http";

const MAX_SECONDS = 60;

/** Return the seconds to wait before a retry; null if the status isn't 429. */
export function waitSeconds(status: number, retryAfterSeconds: number | null, attempt: number): number | null {
  return status === 429 ? Math.min(MAX_SECONDS, retryAfterSeconds ?? 2 ** attempt) : null;
}

/** Send a request, and retry it for as long as the API is busy. `onWait` gets the length of each pause. */
export async function retryWhenBusy<T>(
  send: () => Promise<T>,
  signal: AbortSignal,
  onWait: (seconds: number) => void,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await send();
    } catch (error) {
      const seconds = error instanceof Problem ? waitSeconds(error.status, error.retryAfterSeconds, attempt) : null;
      if (seconds === null) {
        throw error;
      }
      onWait(seconds);
      await pause(seconds * 1000, signal);
    }
  }
}
