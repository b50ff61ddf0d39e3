// Finds out whether the worker process of one machine is stopped. Checks rarely: most of the time, it runs.

import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import { pause } from "../http";

/** `null`: PixTag has no worker process, as on AWS. */
export type WorkerState = "running" | "stopped" | null;

const RESTART_MS = 4_000; // PixTag starts a worker that has ended again after a second
const STOPPED_MS = 5_000; // between two checks while the worker is stopped
const PENDING_MS = 15_000; // between two checks while photos are pending

export class WorkerMonitor {
  readonly isStopped = signal(false);

  private checking: Promise<void> | null = null;
  private isNeeded = true;

  constructor(
    private readonly read: () => Promise<WorkerState>,
    private readonly hasPending: ReadonlySignal<boolean>,
  ) {}

  /** Check once. Calls during a check share its result. */
  check(): Promise<void> {
    this.checking ??= this.checkTwice()
      .catch(() => {}) // without a response, the state stays
      .finally(() => {
        this.checking = null;
      });
    return this.checking;
  }

  private async checkTwice(): Promise<void> {
    if (!this.isNeeded) {
      return;
    }
    let state = await this.read();
    if (state === "stopped" && !this.isStopped.value) {
      await pause(RESTART_MS);
      state = await this.read();
    }
    this.isStopped.value = state === "stopped";
    this.isNeeded = state !== null;
  }

  /** Check now, when photos stay pending, and until a stopped worker runs again. Returns a function that ends this. */
  watch(): () => void {
    void this.check();
    const interval = computed(() => {
      if (this.isStopped.value) {
        return STOPPED_MS;
      }
      return this.hasPending.value ? PENDING_MS : null;
    });
    return effect(() => {
      if (interval.value !== null) {
        const timer = setInterval(() => void this.check(), interval.value);
        return () => clearInterval(timer);
      }
      return undefined;
    });
  }
}
