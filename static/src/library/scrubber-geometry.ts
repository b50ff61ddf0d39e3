// The positions of months on the scrubber, from the newest at the top to the oldest. Pure; lengths are CSS pixels.

import { monthOf } from "./order-key";

export interface MonthCount {
  /** `2019-07`; empty for photos whose dates can't be right. */
  readonly month: string;
  readonly images: number;
}

/** The part of the scrubber that stands for a month. */
export interface Stop extends MonthCount {
  readonly top: number;
  readonly height: number;
}

export interface YearLabel {
  readonly year: string;
  readonly top: number;
}

const MIN_STOP = 3; // pixels of each month, however few photos it has
const MAX_RESERVED = 0.5; // the share of the height that these pixels take at most
const LABEL_HEIGHT = 18;
const DAYS_OF_MONTH = 31;
const YEAR = 4; // the characters of a year

/** Divide the height by the numbers of images. Each month keeps a few pixels, so that a pointer can reach it. */
export function placeStops(months: readonly MonthCount[], height: number): readonly Stop[] {
  const total = months.reduce((sum, { images }) => sum + images, 0);
  const least = Math.min(MIN_STOP, (height * MAX_RESERVED) / Math.max(1, months.length));
  const rest = height - least * months.length;
  let top = 0;
  return months.map((month) => {
    const stop = { ...month, top, height: least + (rest * month.images) / Math.max(1, total) };
    top += stop.height;
    return stop;
  });
}

/** Return the index of the stop at a position; the first or the last one outside the scrubber. */
export function stopAt(stops: readonly Stop[], position: number): number {
  const index = stops.findIndex(({ top, height }) => position < top + height);
  return index < 0 ? stops.length - 1 : index;
}

/** Return the position of an image with a key, by the day of its month. */
export function placeOf(stops: readonly Stop[], key: string): number {
  const month = monthOf(key);
  const stop = stops.find((candidate) => candidate.month <= month);
  if (stop?.month !== month) {
    return stop?.top ?? (stops.at(-1)?.top ?? 0) + (stops.at(-1)?.height ?? 0);
  }
  const day = month ? Number(key.slice(8, 10)) : DAYS_OF_MONTH;
  return stop.top + (stop.height * (DAYS_OF_MONTH - day)) / DAYS_OF_MONTH;
}

/** Return the years that have room for a label at their newest months. */
export function yearLabels(stops: readonly Stop[]): readonly YearLabel[] {
  const labels: YearLabel[] = [];
  let year = "";
  for (const { month, top } of stops) {
    const isNew = month.slice(0, YEAR) !== year;
    year = month.slice(0, YEAR);
    if (isNew && year && top >= (labels.at(-1)?.top ?? -LABEL_HEIGHT) + LABEL_HEIGHT) {
      labels.push({ year, top });
    }
  }
  return labels;
}

/** Return the stop to which a key moves; null for other keys. Arrows move by a month, Page Up and Down by a year. */
export function stepTo(stops: readonly Stop[], index: number, key: string): number | null {
  const last = stops.length - 1;
  const clamp = (to: number) => Math.min(last, Math.max(0, to));
  switch (key) {
    case "ArrowUp":
    case "ArrowRight":
      return clamp(index - 1);
    case "ArrowDown":
    case "ArrowLeft":
      return clamp(index + 1);
    case "PageUp":
      return stepYear(stops, index, 1);
    case "PageDown":
      return stepYear(stops, index, -1);
    case "Home":
      return 0;
    case "End":
      return last;
    default:
      return null;
  }
}

/** Return the stop that is a year away: the same month, or the next one beyond that has photos. */
function stepYear(stops: readonly Stop[], index: number, years: 1 | -1): number {
  const month = stops[index]?.month ?? "";
  const target = `${String(Number(month.slice(0, YEAR)) + years).padStart(YEAR, "0")}${month.slice(YEAR)}`;
  if (years === 1) {
    return month
      ? Math.max(
          0,
          stops.findLastIndex((stop) => stop.month >= target),
        )
      : Math.max(0, index - 1);
  }
  const older = stops.findIndex((stop) => stop.month <= target);
  return older < 0 ? stops.length - 1 : older;
}
