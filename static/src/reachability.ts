// Whether the server responds. Being offline doesn't tell: PixTag can run on the same machine.

import { type ReadonlySignal, signal } from "@preact/signals";
import { Problem, pause, send } from "./http";

const RETRY_MS = 3_000;
const GATEWAY_ERRORS: readonly number[] = [502, 504]; // a proxy can't reach PixTag

/** Whether a request failed because PixTag can't be reached. */
export function isUnreachable(error: unknown): boolean {
  return error instanceof Problem && (error.status === 0 || GATEWAY_ERRORS.includes(error.status));
}

export class Reachability {
  private readonly state = signal(true);
  private isWaiting = false;

  /** `request` sends a request that fails if PixTag can't be reached. */
  constructor(private readonly request: () => Promise<unknown>) {}

  /** Whether PixTag can be reached, as far as is known. */
  get isReachable(): ReadonlySignal<boolean> {
    return this.state;
  }

  /** Check now, and if PixTag can't be reached, every few seconds until it can. */
  async check(): Promise<boolean> {
    const isReachable = await this.responds();
    this.state.value = isReachable;
    if (!isReachable && !this.isWaiting) {
      void this.wait();
    }
    return isReachable;
  }

  private async wait(): Promise<void> {
    this.isWaiting = true;
    while (!this.state.value) {
      await pause(RETRY_MS);
      this.state.value ||= await this.responds();
    }
    this.isWaiting = false;
  }

  private async responds(): Promise<boolean> {
    try {
      await this.request();
      return true;
    } catch (error) {
      return !isUnreachable(error);
    }
  }
}

export const reachability = new Reachability(() => send("GET", "/health"));
