// How fast bytes go, and how long the rest will take. Pure.

/** How many bytes were over there at a moment (milliseconds). */
export interface Reading {
  readonly at: number;
  readonly bytes: number;
}

const WINDOW_MS = 10_000; // the pace is that of the last ten seconds
const LEAST_MS = 1_000; // over less than a second it says nothing yet

/** The readings with another one, without those that are too old to matter. */
export function noted(readings: readonly Reading[], now: Reading): readonly Reading[] {
  // Less than before is over there when something is tried again: the pace is measured anew.
  const known = (readings.at(-1)?.bytes ?? 0) > now.bytes ? [] : readings;
  return [...known.filter(({ at }) => now.at - at <= WINDOW_MS), now];
}

/** Bytes a second; 0 while that is not known. */
export function pace(readings: readonly Reading[]): number {
  const [first, last] = [readings[0], readings.at(-1)];
  if (!(first && last) || last.at - first.at < LEAST_MS) {
    return 0;
  }
  return ((last.bytes - first.bytes) / (last.at - first.at)) * 1000;
}

/** `1.2 MB/s, 3 min left`; empty while nothing is known. */
export function paceInWords(bytesASecond: number, bytesLeft: number): string {
  return bytesASecond > 0 ? `${sizeInWords(bytesASecond)}/s, ${timeInWords(bytesLeft / bytesASecond)} left` : "";
}

/** `512 B`, `1.2 MB`: powers of 1000, as in the person's file manager. */
export function sizeInWords(bytes: number): string {
  const units = ["B", "kB", "MB", "GB"];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const value = bytes / 1000 ** power;
  return `${power > 0 && value < 10 ? value.toFixed(1) : Math.round(value)} ${units[power]}`;
}

/** `20 s`, `3 min`, `2 h 5 min`. */
export function timeInWords(seconds: number): string {
  if (seconds < 60) {
    return `${Math.max(1, Math.ceil(seconds))} s`;
  }
  const minutes = Math.ceil(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
