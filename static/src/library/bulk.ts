// A change of many images: batches of 100, one after the other, until all are done or the person stops it.

import * as messages from "#messages/library";
import { problem } from "#messages/reasons";
import { Problem, pause, wordsFor } from "../http";
import type { BulkResponse } from "../schemas";

const BATCH = 100;
const MAX_ATTEMPTS = 6;
const UNREACHABLE_SECONDS = 2;

/** The images to change: these ids, all that match a query, or those that an operation has changed. */
export type BulkTarget =
  | { readonly ids: readonly string[] }
  | { readonly query: string }
  | { readonly operation: string };

/** The images of one request. */
export interface Batch {
  readonly ids?: string[];
  readonly query?: string;
  readonly cursor?: string;
  readonly dry_run?: boolean;
}

/** Send one request. A second one with the same key changes nothing. A dry run has an empty key and operation. */
export type BulkCall = (images: Batch, key: string, operation: string) => Promise<BulkResponse>;

export interface BulkSummary {
  readonly changed: readonly string[];
  readonly unchanged: number;
  /** The number of failed images by reason. */
  readonly failures: ReadonlyMap<string, number>;
  /** Why it ended early; empty if all images were processed. */
  readonly ended: string;
  /** The id of the operation, with which all batches can be undone together. */
  readonly operation: string;
}

export interface BulkProgress {
  readonly done: number;
  /** Seconds until the next attempt, because the API asked for a pause; 0 if it did not. */
  readonly waitSeconds: number;
}

interface BulkOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: BulkProgress) => void;
  readonly wait?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/** Divide ids into batches of 100. */
export function batches(ids: readonly string[]): string[][] {
  return Array.from({ length: Math.ceil(ids.length / BATCH) }, (_, index) =>
    ids.slice(index * BATCH, (index + 1) * BATCH),
  );
}

/** Change all images of a target. A stop takes effect after the current batch, so that its result is known. */
export async function applyBulk(target: BulkTarget, call: BulkCall, options: BulkOptions): Promise<BulkSummary> {
  const changed: string[] = [];
  const failures = new Map<string, number>();
  const operation = crypto.randomUUID();
  const send: BulkCall = (batch, key) => call(batch, key, operation);
  let unchanged = 0;
  let ended = "";
  try {
    for await (const { outcomes } of responses(target, (batch) => withRetries(batch, send, options, doneSoFar))) {
      for (const { image, result, detail } of outcomes) {
        if (result === "changed") {
          changed.push(image);
        } else if (result === "unchanged") {
          unchanged += 1;
        } else {
          const text = await problem("", detail);
          failures.set(text, (failures.get(text) ?? 0) + 1);
        }
      }
      options.onProgress({ done: doneSoFar(), waitSeconds: 0 });
      options.signal.throwIfAborted();
    }
  } catch (error) {
    ended = options.signal.aborted ? messages.stopped : wordsFor(error);
  }
  return { changed, unchanged, failures, ended, operation };

  function doneSoFar(): number {
    return changed.length + unchanged + sum(failures.values());
  }
}

/** Return how many images would change. */
export async function dryRunBulk(target: BulkTarget, call: BulkCall, signal: AbortSignal): Promise<number> {
  let count = 0;
  for await (const { changed } of responses(target, (batch) => call({ ...batch, dry_run: true }, "", ""))) {
    signal.throwIfAborted();
    count += changed;
  }
  return count;
}

async function* responses(
  target: BulkTarget,
  call: (batch: Batch) => Promise<BulkResponse>,
): AsyncGenerator<BulkResponse> {
  if ("ids" in target) {
    for (const ids of batches(target.ids)) {
      yield await call({ ids });
    }
    return;
  }
  let cursor: string | null = null;
  do {
    const selected: Batch = "query" in target ? { query: target.query } : {};
    const response: BulkResponse = await call({ ...selected, ...(cursor !== null && { cursor }) });
    yield response;
    cursor = response.next;
  } while (cursor !== null);
}

/** Send a request, and retry it with the same key if the API asks for a pause or no response arrives. */
async function withRetries(
  batch: Batch,
  call: BulkCall,
  options: BulkOptions,
  done: () => number,
): Promise<BulkResponse> {
  const key = crypto.randomUUID();
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call(batch, key, "");
    } catch (error) {
      const waitSeconds = secondsToWait(error);
      if (waitSeconds === null || attempt === MAX_ATTEMPTS || options.signal.aborted) {
        throw error;
      }
      options.onProgress({ done: done(), waitSeconds });
      await (options.wait ?? pause)(waitSeconds * 1000, options.signal);
    }
  }
}

function secondsToWait(error: unknown): number | null {
  if (!(error instanceof Problem)) {
    return null;
  }
  return error.status === 0 ? UNREACHABLE_SECONDS : error.retryAfterSeconds;
}

/** `140 photos changed, 2 unchanged, 1 failed`. */
export function describeSummary(
  { changed, unchanged, failures }: BulkSummary,
  describeChanged = messages.photosChanged,
): string {
  const failed = sum(failures.values());
  return [
    describeChanged(changed.length),
    unchanged && messages.countUnchanged(unchanged),
    failed && messages.countFailed(failed),
  ]
    .filter(Boolean)
    .join(", ");
}

function sum(numbers: Iterable<number>): number {
  return [...numbers].reduce((total, number) => total + number, 0);
}
