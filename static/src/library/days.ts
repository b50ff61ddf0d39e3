// Names of days and months for headings, in the format of the browser. A day is a text such as `2026-11-22`.

import * as messages from "#messages/library";
import { LOCALE } from "../language";

const DAY_MS = 86_400_000;
// The days below are moments in UTC.
const sameYear = new Intl.DateTimeFormat(LOCALE, {
  weekday: "long",
  day: "numeric",
  month: "long",
  timeZone: "UTC",
});
const otherYear = new Intl.DateTimeFormat(LOCALE, {
  weekday: "short",
  day: "numeric",
  month: "long",
  year: "numeric",
  timeZone: "UTC",
});
const month = new Intl.DateTimeFormat(LOCALE, { month: "long", year: "numeric", timeZone: "UTC" });

/** `Today`, `Yesterday`, `Friday 20 November`; with the year if it isn't the current one. */
export function dayName(day: string, today = localDay(new Date())): string {
  const days = Math.round((startOf(today) - startOf(day)) / DAY_MS);
  if (days === 0) {
    return messages.today;
  }
  if (days === 1) {
    return messages.yesterday;
  }
  const format = day.slice(0, 4) === today.slice(0, 4) ? sameYear : otherYear;
  return messages.dayHeading(format.format(startOf(day)));
}

/** `July 2019` for `2019-07`. */
export function monthName(text: string): string {
  return month.format(startOf(`${text}-01`));
}

/** Return the day of a moment in the time zone of the browser. */
export function localDay(moment: Date): string {
  const [monthNumber, day] = [moment.getMonth() + 1, moment.getDate()].map((part) => String(part).padStart(2, "0"));
  return `${String(moment.getFullYear()).padStart(4, "0")}-${monthNumber}-${day}`;
}

function startOf(day: string): number {
  return Date.parse(`${day}T00:00:00Z`);
}

const TRASH_DAYS = 30;

/** Return how many days are left until an image in the trash is deleted. */
export function daysLeft(trashed: string, now = new Date()): number {
  return Math.max(0, Math.ceil(TRASH_DAYS - (now.getTime() - new Date(trashed).getTime()) / DAY_MS));
}
