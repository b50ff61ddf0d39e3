// Numbers and times with words.

import { formatBytes, formatNumber } from "../../formats";

const plurals = new Intl.PluralRules("de");

/** Return the form that belongs to a number. */
export const plural = (count: number, one: string, other: string) => (plurals.select(count) === "one" ? one : other);

/** `1 Foto`, `1.234 Fotos`; with `isMore`, `150+ Fotos`. */
export const formatPhotos = (count: number, isMore = false) =>
  isMore ? `${formatNumber(count)}+ Fotos` : `${formatNumber(count)} ${plural(count, "Foto", "Fotos")}`;

/** `20 s`, `3 min`, `2 h 5 min`. */
export function formatDuration(seconds: number): string {
  if (seconds < 60) {
    return `${Math.max(1, Math.ceil(seconds))} s`;
  }
  const minutes = Math.ceil(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `1,2 MB/s, noch 3 min`. */
export const rate = (bytesPerSecond: number, secondsLeft: number) =>
  `${formatBytes(bytesPerSecond)}/s, noch ${formatDuration(secondsLeft)}`;
