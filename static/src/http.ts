// HTTP requests without a session. Every failure is a Problem with a message for people.

import * as messages from "#messages/app";
import { problem } from "#messages/reasons";
import { describeFaults, type Fault } from "./faults";
import { inTurn } from "./turns";

const TIMEOUT_MS = 30_000;
const REFUSALS_OF_STORAGE = [503, 507];
const IS_ON_THIS_MACHINE = /^(127\.0\.0\.1|localhost|\[::1\])$/.test(globalThis.location?.hostname ?? "");

const MAX_ATTEMPTS = 4;
const MAX_WAIT_SECONDS = 10;
const MAX_JITTER = 0.25; // so that clients don't all retry at the same time

/** Why PixTag can't be reached, as far as the browser knows. */
export function describeUnreachable(): string {
  return globalThis.navigator?.onLine === false ? messages.offline : messages.cantReach;
}

/** What to do when PixTag can't be reached. */
export const REACH_ADVICE = IS_ON_THIS_MACHINE ? messages.checkIsRunning : messages.checkConnection;

/** Return a message about a request without a response. */
export function unreachableText(): string {
  return messages.unreachable(describeUnreachable(), REACH_ADVICE);
}

interface ProblemMembers {
  readonly type?: string;
  readonly detail?: string;
  readonly errors?: readonly Fault[];
  readonly position?: number;
  readonly suggestion?: string;
}

/** The problem details of a response (RFC 9457). Status 0 means that no response arrived. */
export class Problem extends Error {
  override readonly name = "Problem";

  constructor(
    message: string,
    readonly status = 0,
    /** The type without its prefix, such as `account-not-confirmed`. */
    readonly kind = "unreachable",
    /** The Retry-After header; null if there is none. */
    readonly retryAfterSeconds: number | null = null,
    /** The 0-based index of the character where a query is wrong. */
    readonly position: number | null = null,
    /** A valid query that the person probably means. */
    readonly suggestion: string | null = null,
  ) {
    super(message);
  }
}

/** Receives an event of type `refused` when a response says that PixTag may not be able to store anything. */
export const storage = new EventTarget();

/** Tell the listeners of `storage` if this is the status of a disk that is full or read-only. */
export function reportStatus(status: number): void {
  if (REFUSALS_OF_STORAGE.includes(status)) {
    storage.dispatchEvent(new Event("refused"));
  }
}

/** Return the message for a thrown error. */
export function wordsFor(error: unknown): string {
  return error instanceof Problem ? error.message : messages.unexpectedError;
}

/** Send a request, a GET in turn. Throws a Problem for every response that isn't 2xx, and the reason of an abort. */
export async function send(method: string, url: string, init: RequestInit = {}): Promise<Response> {
  const request = () => {
    const limits = [AbortSignal.timeout(TIMEOUT_MS), ...(init.signal ? [init.signal] : [])];
    return fetch(url, { ...init, method, signal: AbortSignal.any(limits) });
  };
  let response: Response;
  try {
    response = await (method === "GET" ? inTurn(request) : request());
  } catch (error) {
    if (init.signal?.aborted) {
      throw error;
    }
    throw new Problem(unreachableText());
  }
  if (!response.ok) {
    reportStatus(response.status);
    throw await problemOf(response);
  }
  return response;
}

/** Whether a request was rejected because PixTag is busy, so that the same request may succeed soon. */
export function isBusy({ status, kind }: Problem): boolean {
  // A full library stays full, and the limit per day lasts until midnight.
  return status === 503 || (status === 429 && kind !== "quota-exceeded" && kind !== "daily-limit-reached");
}

/** Send a request that changes nothing. While PixTag is busy, retry it a few times with growing pauses. */
export async function sendPatiently(method: string, url: string, init: RequestInit = {}): Promise<Response> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await send(method, url, init);
    } catch (error) {
      const seconds =
        error instanceof Problem && isBusy(error) ? (error.retryAfterSeconds ?? 2 ** (attempt - 1)) : null;
      if (seconds === null || seconds > MAX_WAIT_SECONDS || attempt === MAX_ATTEMPTS) {
        throw error;
      }
      await pause(seconds * 1000 * (1 + MAX_JITTER * Math.random()), init.signal ?? undefined);
    }
  }
}

async function problemOf(response: Response): Promise<Problem> {
  const body = (await response.json().catch(() => ({}))) as ProblemMembers;
  const retryAfter = Number(response.headers.get("Retry-After") ?? Number.NaN);
  const kind = (body.type ?? "").replace("urn:pixtag:", "");
  const { detail } = body;
  return new Problem(
    kind === "invalid-request"
      ? describeFaults(body.errors ?? [])
      : detail === undefined
        ? messages.serverError(response.status)
        : await problem(kind, detail),
    response.status,
    kind,
    Number.isFinite(retryAfter) ? retryAfter : null,
    body.position ?? null,
    body.suggestion ?? null,
  );
}

/** Wait. An abort rejects with its reason. */
export function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", abort, { once: true });
  });
}
