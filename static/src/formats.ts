// Numbers, sizes and times as text for people. Pure.

const RELATIVE_UNITS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_557_600],
  ["month", 2_629_800],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
];
const relative = new Intl.RelativeTimeFormat("en-GB", { numeric: "always" });
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** `1,234`. */
export function formatNumber(count: number): string {
  return count.toLocaleString("en-GB");
}

/** `1 photo`, `1,234 photos`; with `isMore`, `150+ photos`. */
export function formatPhotos(count: number, isMore = false): string {
  return count === 1 && !isMore ? "1 photo" : `${formatNumber(count)}${isMore ? "+" : ""} photos`;
}

/** `512 B`, `1.2 MB`: powers of 1000, as in most file managers. */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB"];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const value = bytes / 1000 ** power;
  return `${power > 0 && value < 10 ? value.toFixed(1) : Math.round(value)} ${units[power]}`;
}

/** `20 s`, `3 min`, `2 h 5 min`. */
export function formatDuration(seconds: number): string {
  if (seconds < 60) {
    return `${Math.max(1, Math.ceil(seconds))} s`;
  }
  const minutes = Math.ceil(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `87 %` of a share from 0 to 1, with a no-break space. Empty if there is none, as for a box that a person drew. */
export function formatPercent(share: number | null): string {
  return share === null ? "" : `${Math.round(share * 100)}\u00a0%`;
}

/** `3 days ago`, or `just now`. */
export function formatAgo(at: string, now = new Date()): string {
  const seconds = (now.getTime() - new Date(at).getTime()) / 1000;
  const [unit, length] = RELATIVE_UNITS.find(([, size]) => seconds >= size) ?? [null, 1];
  return unit ? relative.format(-Math.floor(seconds / length), unit) : "just now";
}

/** `22 Nov 2026, 21:42` in the time zone and the format of the browser. */
export function formatDateTime(at: string): string {
  return moment.format(new Date(at));
}
