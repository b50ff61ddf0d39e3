// Changes of photos that this tab can undo. PixTag keeps what they replaced for an hour.

import { computed, signal } from "@preact/signals";
import * as controls from "#messages/controls";
import * as messages from "#messages/library";
import { post } from "../api";
import { Problem, wordsFor } from "../http";
import type { BulkOutcome } from "../schemas";
import { onSignedOut } from "../session";
import { announce, closeToast, toast } from "../ui/toasts";
import { applyBulk, type BulkProgress, type BulkSummary } from "./bulk";

const UNDO_MS = 3_600_000;
const PAGE = 100; // the API undoes as many images per request
const MAX_KEPT = 20;

interface Described {
  /** What was done: `143 photos changed`. */
  readonly text: string;
  /** The number of changed photos that can be undone. */
  readonly size: number;
}

/** A change of photos, which PixTag undoes. */
export interface OperationChange extends Described {
  /** The id of the operation. */
  readonly operation: string;
  /** Update the lists after these photos are as they were before. */
  readonly onUndone: (ids: ReadonlySet<string>) => unknown;
}

/** Another change, which is undone with one request. */
interface OtherChange extends Described {
  /** Undo it, and show a message if that fails. */
  readonly undo: () => Promise<void>;
}

export type Change = OperationChange | OtherChange;

/** An undo that is running, or that has left some photos as they are. */
export interface Undoing {
  readonly change: Change;
  readonly progress: BulkProgress;
  readonly stop: () => void;
  /** The photos that stay as they are; null while the undo is running. */
  readonly kept: readonly BulkOutcome[] | null;
  readonly restored: number;
  /** Why the undo ended early; empty if it did not. */
  readonly ended: string;
}

const changes = signal<readonly Change[]>([]);
const messageOf = new Map<Change, number>();

/** The latest change that can be undone; null if there is none. */
export const latestChange = computed(() => changes.value.at(-1) ?? null);

const saves = signal(0);

/** Whether there is a change that can be undone, or one that is being saved. */
export const canUndo = computed(() => latestChange.value !== null || saves.value > 0);

/** The undo whose progress or result needs a dialog; null if there is none. */
export const undoing = signal<Undoing | null>(null);

onSignedOut(() => {
  changes.value = [];
  undoing.value = null;
});

/** Show what was done in a message with an Undo button, and keep the change for an hour. */
export function offerUndo(change: Change): void {
  if (change.size === 0) {
    toast(messages.sentence(change.text));
    return;
  }
  changes.value = [...changes.value, change].slice(-MAX_KEPT);
  setTimeout(() => forget(change), UNDO_MS);
  const message = toast(messages.sentence(change.text), "done", {
    label: controls.undo,
    run: () => undoInTurn(() => changes.value.find((kept) => kept === change)),
  });
  messageOf.set(change, message);
}

/** Undo the latest change of this tab, after an undo that is running. */
export function undoLatest(): void {
  undoInTurn(() => latestChange.value);
}

export function closeUndoing(): void {
  undoing.value = null;
}

let turn: Promise<unknown> = Promise.resolve();

/** Let the next undo wait until a change is saved, so that it undoes that one. */
export function finishBeforeUndo(saving: Promise<unknown>): void {
  saves.value += 1;
  turn = Promise.allSettled([turn, saving]).then(() => {
    saves.value -= 1;
  });
}

function undoInTurn(find: () => Change | null | undefined): void {
  turn = turn.then(() => {
    const change = find();
    return change && ("undo" in change ? runOther(change) : run(change));
  });
}

async function runOther(change: OtherChange): Promise<void> {
  announce(messages.undoing);
  forget(change);
  await change.undo();
}

async function run(change: OperationChange): Promise<void> {
  const { operation, size } = change;
  const stopping = new AbortController();
  const outcomes: BulkOutcome[] = [];
  let isExpired = false;
  const show = (progress: BulkProgress, restored = 0) => {
    undoing.value = { change, progress, stop: () => stopping.abort(), kept: null, restored, ended: "" };
  };
  announce(messages.undoing);
  if (size > PAGE) {
    show({ done: 0, waitSeconds: 0 });
  }
  const summary = await applyBulk(
    { operation },
    async ({ cursor = null }) => {
      const response = await post("/operations/{operation}/undo", { path: { operation }, body: { cursor } }).catch(
        (error: unknown) => {
          isExpired = error instanceof Problem && error.status === 404;
          throw error;
        },
      );
      outcomes.push(...response.outcomes);
      return response;
    },
    { signal: stopping.signal, onProgress: (progress) => size > PAGE && show(progress) },
  );
  if (isExpired || !summary.ended) {
    forget(change);
  }
  finish(change, summary, outcomes, isExpired);
}

function finish(
  change: OperationChange,
  summary: BulkSummary,
  outcomes: readonly BulkOutcome[],
  isExpired: boolean,
): void {
  // A page whose response was lost is sent again, and its images are then unchanged.
  const restored = new Set(outcomes.filter(({ result }) => result !== "failed").map(({ image }) => image));
  const kept = outcomes.filter(({ result }) => result === "failed");
  if (restored.size) {
    Promise.resolve(change.onUndone(restored)).catch((error: unknown) => toast(wordsFor(error), "failed"));
  }
  if (isExpired) {
    undoing.value = null;
    toast(summary.ended, "failed");
  } else if (kept.length || summary.ended) {
    const progress = { done: outcomes.length, waitSeconds: 0 };
    undoing.value = { change, progress, stop: () => {}, kept, restored: restored.size, ended: summary.ended };
  } else {
    undoing.value = null;
    toast(messages.photosRestored(restored.size));
  }
}

/** Forget a change, and close its message, whose Undo button has no effect any more. */
function forget(change: Change): void {
  closeToast(messageOf.get(change) ?? 0);
  messageOf.delete(change);
  changes.value = changes.value.filter((other) => other !== change);
}
