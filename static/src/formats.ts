// Numbers, sizes and times as the locale of the browser writes them. Words are in the message catalogue. Pure.

import { LOCALE } from "./language";

const whole = new Intl.NumberFormat(LOCALE);
const tenths = new Intl.NumberFormat(LOCALE, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const percent = new Intl.NumberFormat(LOCALE, { style: "percent" });
const moment = new Intl.DateTimeFormat(LOCALE, { dateStyle: "medium", timeStyle: "short" });

/** `1,234`. */
export function formatNumber(count: number): string {
  return whole.format(count);
}

/** `1.2`: a number with one decimal. */
export function formatTenths(value: number): string {
  return tenths.format(value);
}

/** `512 B`, `1.2 MB`: powers of 1000, as in most file managers. */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB"];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const value = bytes / 1000 ** power;
  return `${power > 0 && value < 10 ? formatTenths(value) : formatNumber(Math.round(value))} ${units[power]}`;
}

/** `87%` of a share from 0 to 1. Empty if there is none, as for a box that a person drew. */
export function formatPercent(share: number | null): string {
  return share === null ? "" : percent.format(share);
}

/** `22 Nov 2026, 21:42` in the time zone and the format of the browser. */
export function formatDateTime(at: string): string {
  return moment.format(new Date(at));
}
