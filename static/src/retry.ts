// Retry requests when the API is busy.

import { isBusy, Problem, pause } from "./http";

const MAX_SECONDS = 60;
const MAX_UNAVAILABLE = 3; // after a few attempts, the person should know that a service doesn't work

/** Return the seconds to wait before a retry; null if a retry doesn't help. */
export function waitSeconds(problem: Problem, attempt: number): number | null {
  const isWorthIt = isBusy(problem) && (problem.status !== 503 || attempt <= MAX_UNAVAILABLE);
  return isWorthIt ? Math.min(MAX_SECONDS, problem.retryAfterSeconds ?? 2 ** attempt) : null;
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
      const seconds = error instanceof Problem ? waitSeconds(error, attempt) : null;
      if (seconds === null) {
        throw error;
      }
      onWait(seconds);
      await pause(seconds * 1000, signal);
    }
  }
}
