// Finds out whether PixTag refuses uploads or edits, because its disk is full or read-only.

import { computed, effect, signal } from "@preact/signals";
import type { Health } from "../schemas";

/** `low`: no uploads. `full`: no uploads and no edits. `read-only`: no changes. `null`: no limit, as on AWS. */
export type StorageState = Health["storage"];

const REFUSED_MS = 10_000; // between two checks while uploads are refused

export class StorageMonitor {
  readonly state = signal<StorageState>("ok");
  readonly isRefusing = computed(() => this.state.value !== "ok" && this.state.value !== null);

  constructor(
    private readonly read: () => Promise<StorageState>,
    private readonly failures: EventTarget,
  ) {}

  /** Check once. Without a response, the state stays. */
  async check(): Promise<void> {
    try {
      this.state.value = await this.read();
    } catch {
      // The next check follows.
    }
  }

  /** Check now, after each failure, and until nothing is refused. Returns a function that ends this. */
  watch(): () => void {
    const check = () => void this.check();
    check();
    this.failures.addEventListener("refused", check);
    const stop = effect(() => {
      if (this.isRefusing.value) {
        const timer = setInterval(check, REFUSED_MS);
        return () => clearInterval(timer);
      }
      return undefined;
    });
    return () => {
      this.failures.removeEventListener("refused", check);
      stop();
    };
  }
}
