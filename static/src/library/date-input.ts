// Dates and shifts as people enter them, and as the API reads them. Pure.

import * as messages from "#messages/dates";

export interface DateInput {
  /** `2019-07-28` */
  readonly date: string;
  /** `01:03` or `01:03:15`; empty if the time of day is unknown. */
  readonly time: string;
  /** `+09:00`; empty if it is unknown. */
  readonly offset: string;
}

export interface ShiftInput {
  readonly sign: "+" | "-";
  readonly days: number;
  readonly hours: number;
  readonly minutes: number;
}

export const MIN_DATE = "1826-01-01"; // the year of the first photograph

const PARTS = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d(?::\d\d)?)(?:\.\d+)?([+-]\d\d:\d\d)?)?/;
const DAY_MS = 86_400_000;
const EASTERNMOST_MS = 14 * 3_600_000; // the largest offset from UTC

/** Return the parts of a capture time. */
export function inputOf(takenAt: string): DateInput {
  const [, date = "", time = "", offset = ""] = PARTS.exec(takenAt) ?? [];
  return { date, time: time.replace(/:00$/, (seconds, at: number) => (at === 5 ? "" : seconds)), offset };
}

/** Return the capture time of the parts. */
export function takenAtOf({ date, time, offset }: DateInput): string {
  return time ? `${date}T${time.length === 5 ? `${time}:00` : time}${offset}` : date;
}

/** Return the latest date that a photo can have: tomorrow in the easternmost time zone, as in the API. */
export function maxDate(now = new Date()): string {
  return new Date(now.getTime() + EASTERNMOST_MS + DAY_MS).toISOString().slice(0, 10);
}

/** Return why a date can't be saved; empty if it can. A date that is being typed has no problem yet. */
export function dateProblem({ date }: Pick<DateInput, "date">, now = new Date()): string {
  const isOutside = date !== "" && (date < MIN_DATE || date.length > 10 || date > maxDate(now));
  return isOutside ? messages.dateOutOfRange : "";
}

/** `+1 d 2 h`; empty if nothing is shifted. */
export function shiftText({ sign, days, hours, minutes }: ShiftInput): string {
  const parts = [days && `${days} d`, hours && `${hours} h`, minutes && `${minutes} min`].filter(Boolean);
  return parts.length ? `${sign}${parts.join(" ")}` : "";
}
