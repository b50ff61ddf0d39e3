// Periods of days in queries: `taken:2019`, `taken>=2018-06`, `added:2018-06..2018-08`. Pure. It follows the API's parser.

import * as messages from "#messages/search";
import { LOCALE } from "../language";

/** Inclusive days such as `2019-07-14`; null means no bound. */
export interface Period {
  readonly first: string | null;
  readonly last: string | null;
}

export type PeriodName = "taken" | "added";

export interface Condition {
  readonly name: PeriodName;
  readonly period: Period;
}

const CONDITION = /^(?:(taken|added)\s*(>=|<=|[=:<>]|$)|(after|before)\s*:)\s*(.*)$/s;
const DATE = /^(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?$/;
const MONTHS = 12;
const MAX_YEAR = 9999;
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const FEBRUARY = 2;

/** Parse a part of a query in lower case. Returns undefined if it has no period, and null if its period is wrong. */
export function conditionOf(text: string): Condition | null | undefined {
  const [matched, name, operator, bound, value = ""] = CONDITION.exec(text) ?? [];
  if (matched === undefined) {
    return undefined;
  }
  const period = bound ? boundOf(bound, value) : operatorPeriod(operator ?? "", value);
  return period && { name: (name ?? "taken") as PeriodName, period };
}

function boundOf(bound: string, value: string): Period | null {
  const days = daysOf(value);
  if (bound === "after") {
    return days && { first: days.first, last: null };
  }
  const last = days && dayBefore(days.first);
  return last ? { first: null, last } : null;
}

function operatorPeriod(operator: string, value: string): Period | null {
  if (operator === ":" || operator === "=") {
    return rangeOf(value);
  }
  const days = operator ? daysOf(value) : null;
  if (!days) {
    return null;
  }
  if (operator.endsWith("=")) {
    return operator === ">=" ? { first: days.first, last: null } : { first: null, last: days.last };
  }
  const [first, last] = operator === ">" ? [dayAfter(days.last), null] : [null, dayBefore(days.first)];
  return first || last ? { first, last } : null;
}

function rangeOf(text: string): Period | null {
  const middle = text.indexOf("..");
  if (middle < 0) {
    return daysOf(text);
  }
  const [start, end] = [text.slice(0, middle).trim(), text.slice(middle + 2).trim()];
  const [from, to] = [daysOf(start), daysOf(end)];
  if ((start && !from) || (end && !to) || !(from || to) || (from && to && to.last < from.first)) {
    return null;
  }
  return { first: from?.first ?? null, last: to?.last ?? null };
}

/** Return the first and the last day of a year, a month or a day. */
function daysOf(text: string): { readonly first: string; readonly last: string } | null {
  const [matched, ...parts] = DATE.exec(text) ?? [];
  const [year = 0, month = 0, day = 0] = parts.map((part) => (part === undefined ? Number.NaN : Number(part)));
  if (matched === undefined || year === 0 || month === 0 || month > MONTHS) {
    return null;
  }
  const days = daysIn(year, month || MONTHS);
  if (day === 0 || day > days) {
    return null;
  }
  return { first: write(year, month || 1, day || 1), last: write(year, month || MONTHS, day || days) };
}

function daysIn(year: number, month: number): number {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === FEBRUARY && isLeap ? 29 : (DAYS[month - 1] ?? 0);
}

function dayBefore(day: string): string | null {
  const [year = 0, month = 0, date = 0] = day.split("-").map(Number);
  if (date > 1) {
    return write(year, month, date - 1);
  }
  if (month > 1) {
    return write(year, month - 1, daysIn(year, month - 1));
  }
  return year > 1 ? write(year - 1, MONTHS, 31) : null;
}

function dayAfter(day: string): string | null {
  const [year = 0, month = 0, date = 0] = day.split("-").map(Number);
  if (date < daysIn(year, month)) {
    return write(year, month, date + 1);
  }
  if (month < MONTHS) {
    return write(year, month + 1, 1);
  }
  return year < MAX_YEAR ? write(year + 1, 1, 1) : null;
}

function write(year: number, month: number, day: number): string {
  return [String(year).padStart(4, "0"), ...[month, day].map((part) => String(part).padStart(2, "0"))].join("-");
}

/** Join the bounds of two conditions. Returns null if both have the same bound. */
export function joinPeriods(a: Period, b: Period): Period | null {
  const isTwice = (a.first !== null && b.first !== null) || (a.last !== null && b.last !== null);
  return isTwice ? null : { first: a.first ?? b.first, last: a.last ?? b.last };
}

/** Return a period as text, in the API's canonical form: as short as possible, both bounds with the same precision. */
export function periodText(name: string, { first, last }: Period): string {
  if (first !== null && last !== null && first <= last) {
    const [start, end] = shortestPair(first, last);
    return start === end ? `${name}:${start}` : `${name}:${start}..${end}`;
  }
  const bounds = [
    first === null ? "" : `${name}>=${startTexts(first).find(Boolean)}`,
    last === null ? "" : `${name}<=${endTexts(last).find(Boolean)}`,
  ];
  return bounds.filter(Boolean).join(", ");
}

function shortestPair(first: string, last: string): readonly [string, string] {
  const ends = endTexts(last);
  const index = startTexts(first).findIndex((text, at) => text && ends[at]);
  return [startTexts(first)[index] ?? first, ends[index] ?? last];
}

/** The year, month and day whose first day this is; empty texts in the place of others. */
function startTexts(day: string): readonly string[] {
  return [day.endsWith("-01-01") ? day.slice(0, 4) : "", day.endsWith("-01") ? day.slice(0, 7) : "", day];
}

/** The year, month and day whose last day this is; empty texts in the place of others. */
function endTexts(day: string): readonly string[] {
  const [year = 0, month = 0, date = 0] = day.split("-").map(Number);
  const isLast = date === daysIn(year, month);
  return [isLast && month === MONTHS ? day.slice(0, 4) : "", isLast ? day.slice(0, 7) : "", day];
}

const FORMATS: readonly Intl.DateTimeFormatOptions[] = [
  { year: "numeric" },
  { month: "short", year: "numeric" },
  { day: "numeric", month: "short", year: "numeric" },
];

/** `Jul 2019`, `2018 – 2019`, `from 14 Jul 2019`, `until 2018`: a period for people. */
export function describePeriod({ first, last }: Period): string {
  if (first !== null && last !== null && first <= last) {
    const [start, end] = shortestPair(first, last);
    return start === end ? describeDate(start) : `${describeDate(start)} – ${describeDate(end)}`;
  }
  return [
    first === null ? "" : messages.fromDate(describeDate(startTexts(first).find(Boolean) ?? first)),
    last === null ? "" : messages.untilDate(describeDate(endTexts(last).find(Boolean) ?? last)),
  ]
    .filter(Boolean)
    .join(", ");
}

/** `2019`, `Jul 2019` or `14 Jul 2019`. */
function describeDate(text: string): string {
  const format = new Intl.DateTimeFormat(LOCALE, { ...FORMATS[text.split("-").length - 1], timeZone: "UTC" });
  return format.format(Date.parse(text)); // in UTC, because the text has no time
}
