// One change of many images: in calls of a hundred, one after the other, until all are done or the person stops it.

import { Problem, pause, wordsFor } from "../http";
import type { BulkResponse } from "../schemas";

const BATCH = 100;
const TRIES = 6;
const UNREACHABLE_SECONDS = 2;

/** Which images: these, or all that match a query. */
export type Target = { readonly ids: readonly string[] } | { readonly query: string };

/** What one call is about. */
export interface Part {
  readonly ids?: string[];
  readonly query?: string;
  readonly cursor?: string;
  readonly dry_run?: boolean;
}

/** One call; with the same key it does nothing a second time. */
export type Ask = (images: Part, key: string) => Promise<BulkResponse>;

export interface Summary {
  readonly changed: readonly string[];
  readonly unchanged: number;
  /** How many images failed for each reason. */
  readonly failures: ReadonlyMap<string, number>;
  /** Why it ended before all was done; empty if all is. */
  readonly ended: string;
}

export interface Progress {
  readonly done: number;
  /** How long it waits because it was told to; 0 if it does not. */
  readonly waitSeconds: number;
}

interface Run {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
  readonly wait?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/** Ids in calls of a hundred. */
export function batches(ids: readonly string[]): string[][] {
  return Array.from({ length: Math.ceil(ids.length / BATCH) }, (_, index) =>
    ids.slice(index * BATCH, (index + 1) * BATCH),
  );
}

/** Change all of a target. A call under way when it is stopped is waited for, so that its outcome is known. */
export async function carryOut(target: Target, ask: Ask, run: Run): Promise<Summary> {
  const changed: string[] = [];
  const failures = new Map<string, number>();
  let unchanged = 0;
  let ended = "";
  try {
    for await (const { outcomes } of answers(target, (part) => patiently(part, ask, run, doneSoFar))) {
      for (const { image, result, detail } of outcomes) {
        if (result === "changed") {
          changed.push(image);
        } else if (result === "unchanged") {
          unchanged += 1;
        } else {
          failures.set(detail, (failures.get(detail) ?? 0) + 1);
        }
      }
      run.onProgress({ done: doneSoFar(), waitSeconds: 0 });
      run.signal.throwIfAborted();
    }
  } catch (error) {
    ended = run.signal.aborted ? "Stopped." : wordsFor(error);
  }
  return { changed, unchanged, failures, ended };

  function doneSoFar(): number {
    return changed.length + unchanged + sum(failures.values());
  }
}

/** How many images would change. */
export async function foresee(target: Target, ask: Ask, signal: AbortSignal): Promise<number> {
  let count = 0;
  for await (const { changed } of answers(target, (part) => ask({ ...part, dry_run: true }, ""))) {
    signal.throwIfAborted();
    count += changed;
  }
  return count;
}

async function* answers(target: Target, ask: (part: Part) => Promise<BulkResponse>): AsyncGenerator<BulkResponse> {
  if ("ids" in target) {
    for (const ids of batches(target.ids)) {
      yield await ask({ ids });
    }
    return;
  }
  let cursor: string | null = null;
  do {
    const answer: BulkResponse = await ask({ query: target.query, ...(cursor !== null && { cursor }) });
    yield answer;
    cursor = answer.next;
  } while (cursor !== null);
}

/** The answer to a call, asked for again when the API says when, or when no answer came. */
async function patiently(part: Part, ask: Ask, run: Run, done: () => number): Promise<BulkResponse> {
  const key = crypto.randomUUID();
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask(part, key);
    } catch (error) {
      const waitSeconds = secondsToWait(error);
      if (waitSeconds === null || attempt === TRIES || run.signal.aborted) {
        throw error;
      }
      run.onProgress({ done: done(), waitSeconds });
      await (run.wait ?? pause)(waitSeconds * 1000, run.signal);
    }
  }
}

function secondsToWait(error: unknown): number | null {
  if (!(error instanceof Problem)) {
    return null;
  }
  return error.status === 0 ? UNREACHABLE_SECONDS : error.retryAfterSeconds;
}

/** `140 photographs changed, 2 stayed as they were, 1 failed`. */
export function inWords({ changed, unchanged, failures }: Summary, verb = "changed"): string {
  const failed = sum(failures.values());
  return [
    `${photographs(changed.length)} ${verb}`,
    unchanged && `${number(unchanged)} stayed as ${unchanged === 1 ? "it was" : "they were"}`,
    failed && `${number(failed)} failed`,
  ]
    .filter(Boolean)
    .join(", ");
}

/** `1 photograph`, `1,234 photographs`. */
export function photographs(count: number): string {
  return `${number(count)} ${count === 1 ? "photograph" : "photographs"}`;
}

export function number(count: number): string {
  return count.toLocaleString("en-GB");
}

function sum(numbers: Iterable<number>): number {
  return [...numbers].reduce((total, one) => total + one, 0);
}
