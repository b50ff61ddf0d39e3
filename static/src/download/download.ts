// A download: its zip files, one after the other. A part that failed is made again alone.

import { computed, signal } from "@preact/signals";
import * as messages from "#messages/downloads";
import { post } from "../api";
import { wordsFor } from "../http";
import { retryWhenBusy } from "../retry";
import type { Download } from "../schemas";
import { onSignedOut } from "../session";
import { addReading, type Reading, transferRate } from "../transfer-rate";
import { MISSING_FILE, type MissingPhoto, makeArchive } from "./archive";
import { ConnectionLost, PhotoMissing } from "./original";
import { type Entry, planParts, sizeOf } from "./parts";
import { describeStorageError, type Storage } from "./storage";
import { UniqueNames } from "./unique-names";

const MEASURE_MS = 1000;

export interface Part {
  readonly name: string;
  readonly entries: readonly Entry[];
  readonly state: "waiting" | "running" | "done" | "failed";
  /** Why it failed. */
  readonly problem: string;
  readonly missing: readonly MissingPhoto[];
  /** Saves the file again; null if that isn't possible. */
  readonly save: (() => void) | null;
}

const warn = (event: BeforeUnloadEvent) => event.preventDefault();
const open = new Set<FileDownload>();

export class FileDownload {
  readonly parts = signal<readonly Part[]>([]);
  readonly isRunning = signal(false);
  /** The bytes of the part that is running. */
  readonly received = signal(0);
  /** Bytes per second; 0 while they are unknown. */
  readonly rate = signal(0);
  readonly total: number;
  readonly done = computed(() => {
    const finished = this.parts.value.filter(({ state }) => state === "done");
    return sizeOf(finished.flatMap(({ entries }) => entries)) + this.received.value;
  });

  private readonly names = new UniqueNames([MISSING_FILE]);
  private stopping = new AbortController();

  constructor(
    entries: readonly Entry[],
    private readonly storage: Storage,
    started = new Date(),
  ) {
    this.total = sizeOf(entries);
    const stem = `pixtag-${started.toLocaleString("sv").replace(" ", "-").replaceAll(":", "")}`;
    const parts = planParts(entries, storage.maxBytes);
    this.parts.value = parts.map((part, index) => ({
      name: parts.length > 1 ? `${stem}-${index + 1}.zip` : `${stem}.zip`,
      entries: part,
      state: "waiting",
      problem: "",
      missing: [],
      save: null,
    }));
    open.add(this);
  }

  /** Make the zip files that aren't done, until one fails. A part that failed is made only if it is `again`. */
  async run(again: Part | null = null): Promise<void> {
    if (this.isRunning.value) {
      return;
    }
    this.isRunning.value = true;
    this.stopping = new AbortController();
    addEventListener("beforeunload", warn);
    const endMeasuring = this.measure();
    for (const [index, { state, name }] of this.parts.value.entries()) {
      if ((state === "waiting" || name === again?.name) && !(await this.make(index))) {
        break;
      }
    }
    endMeasuring();
    removeEventListener("beforeunload", warn);
    this.isRunning.value = false;
  }

  stop(): void {
    this.stopping.abort();
  }

  close(): void {
    this.stop();
    open.delete(this);
    this.storage.close();
  }

  private async make(index: number): Promise<boolean> {
    const { name, entries } = this.parts.value[index] as Part;
    const missing: MissingPhoto[] = [];
    const { signal: stopped } = this.stopping;
    this.keepLastCopy();
    this.change(index, { state: "running", problem: "", missing });
    try {
      const archive = makeArchive(entries, {
        names: this.names,
        signal: stopped,
        prepare: (ids) =>
          retryWhenBusy(
            () => prepare(ids, stopped),
            stopped,
            () => {},
          ),
        onBytes: (count) => {
          this.received.value += count;
        },
        onMissing: (photo) => missing.push(photo),
      });
      const save = await this.storage.write(name, archive);
      this.received.value = 0;
      this.change(index, { state: "done", missing, save });
      return true;
    } catch (error) {
      this.received.value = 0;
      const problem = stopped.aborted ? messages.stopped : describe(error);
      this.change(index, { state: "failed", problem, missing: [] });
      return false;
    }
  }

  /** Let go of the copies of all files but the last one. */
  private keepLastCopy(): void {
    const last = this.parts.value.findLast(({ save }) => save);
    this.parts.value = this.parts.value.map((part) => (part === last ? part : { ...part, save: null }));
  }

  private change(index: number, what: Partial<Part>): void {
    this.parts.value = this.parts.value.map((part, place) => (place === index ? { ...part, ...what } : part));
  }

  private measure(): () => void {
    let readings: readonly Reading[] = [];
    const timer = setInterval(() => {
      readings = addReading(readings, { at: performance.now(), bytes: this.done.peek() });
      this.rate.value = transferRate(readings);
    }, MEASURE_MS);
    return () => {
      clearInterval(timer);
      this.rate.value = 0;
    };
  }
}

async function prepare(ids: readonly string[], signal: AbortSignal): Promise<readonly Download[]> {
  return (await post("/images/downloads", { body: { ids: [...ids] }, signal })).downloads;
}

function describe(error: unknown): string {
  if (error instanceof PhotoMissing || error instanceof ConnectionLost) {
    return error.message;
  }
  return describeStorageError(error) ?? wordsFor(error);
}

onSignedOut(() => {
  for (const download of open) {
    download.close();
  }
});
