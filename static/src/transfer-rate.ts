// The rate of a transfer, and the time that is left. Pure.

import * as messages from "#messages/formats";

/** The number of transferred bytes at a time in milliseconds. */
export interface Reading {
  readonly at: number;
  readonly bytes: number;
}

const WINDOW_MS = 10_000; // the rate is an average over the last ten seconds
const MIN_MS = 1_000; // a shorter time gives no useful rate

/** Add a reading and drop readings that are outside the window. */
export function addReading(readings: readonly Reading[], now: Reading): readonly Reading[] {
  // The number of bytes falls when a file is sent again. Then the measurement starts again.
  const previous = (readings.at(-1)?.bytes ?? 0) > now.bytes ? [] : readings;
  return [...previous.filter(({ at }) => now.at - at <= WINDOW_MS), now];
}

/** Return the bytes per second; 0 while they are unknown. */
export function transferRate(readings: readonly Reading[]): number {
  const [first, last] = [readings[0], readings.at(-1)];
  if (!(first && last) || last.at - first.at < MIN_MS) {
    return 0;
  }
  return ((last.bytes - first.bytes) / (last.at - first.at)) * 1000;
}

/** `1.2 MB/s, 3 min left`; empty while the rate is unknown. */
export function formatRate(bytesPerSecond: number, bytesLeft: number): string {
  return bytesPerSecond > 0 ? messages.rate(bytesPerSecond, bytesLeft / bytesPerSecond) : "";
}
