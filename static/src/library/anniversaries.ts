// The same day in earlier years. Pure.

import type { MonthCount } from "./scrubber-geometry";

const MAX_YEARS = 10;
const YEAR = 4; // the characters of a year

/** Return this day in the last years that have photos in its month, newest first. */
export function anniversaries(months: readonly MonthCount[], today: string): readonly string[] {
  const [year, rest] = [today.slice(0, YEAR), today.slice(YEAR)];
  return months
    .filter(({ month }) => month.slice(YEAR) === rest.slice(0, 3) && month.slice(0, YEAR) < year)
    .map(({ month }) => `${month.slice(0, YEAR)}${rest}`)
    .filter((day) => !Number.isNaN(Date.parse(day)) && new Date(day).toISOString().startsWith(day)) // 29 February
    .slice(0, MAX_YEARS);
}
