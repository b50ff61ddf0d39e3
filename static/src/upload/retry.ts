// Asking again when the API asks for a pause.

import { Problem, pause } from "../http";

const MOST_SECONDS = 60;

/** How long to wait before asking again, if that is what an answer says (429); null if not. */
export function waitSeconds(status: number, retryAfterSeconds: number | null, attempt: number): number | null {
  return status === 429 ? Math.min(MOST_SECONDS, retryAfterSeconds ?? 2 ** attempt) : null;
}

/** Ask, and ask again for as long as the answer is to come back later; `onWait` is told how long each pause is. */
export async function patiently<T>(
  ask: () => Promise<T>,
  signal: AbortSignal,
  onWait: (seconds: number) => void,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
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
