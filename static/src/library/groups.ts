// The groups of a list under its headings: days, months with few photos a day, and photos without a usable date. Pure.

import * as messages from "#messages/library";
import { dayName, localDay, monthName } from "./days";
import { isUndated, type Keyed, type Order, orderKey } from "./order-key";

/** Consecutive images under one heading. Images that a person has arranged have none. */
export interface Group {
  /** The day or the month; it stays the same when the list grows. */
  readonly key: string;
  /** The index of the first image, and of the first image after the group. */
  readonly first: number;
  readonly end: number;
  readonly heading: string;
  /** A remark next to the heading; empty if there is none. */
  readonly note: string;
}

type Run = Pick<Group, "key" | "first" | "end">;

const MONTH = 7; // the characters of 2019-07
const FEW_PER_DAY = 4; // a month with fewer photos a day on average has one heading
const IMPLAUSIBLE = "!";

/** Return the groups of a list that is sorted by an order. */
export function groupImages(images: readonly Keyed[], order: Order, today = localDay(new Date())): readonly Group[] {
  if (order === "hand") {
    return images.length > 0 ? [{ key: order, first: 0, end: images.length, heading: "", note: "" }] : [];
  }
  if (order === "added" || order === "trashed") {
    const momentOf = ({ created_at, trashed_at }: Keyed) =>
      order === "added" ? created_at : (trashed_at ?? created_at);
    return runsOf(images, (image) => localDay(new Date(momentOf(image)))).map((run) => ({
      ...run,
      heading:
        order === "added" ? dayName(run.key, today) : messages.deletedOn(messages.dayInText(dayName(run.key, today))),
      note: "",
    }));
  }
  const days = runsOf(images, dayOf);
  return mergeSparseMonths(days, today).map((run) => ({ ...run, ...describe(images, run, today) }));
}

function dayOf(image: Keyed): string {
  const key = orderKey(image, "taken");
  return key.startsWith(IMPLAUSIBLE) ? IMPLAUSIBLE : key.slice(0, 10);
}

/** Return the runs of consecutive items with the same key. */
function runsOf<T>(items: readonly T[], keyOf: (item: T) => string): readonly Run[] {
  const runs: { key: string; first: number; end: number }[] = [];
  items.forEach((item, index) => {
    const key = keyOf(item);
    const last = runs.at(-1);
    if (last?.key === key) {
      last.end = index + 1;
    } else {
      runs.push({ key, first: index, end: index + 1 });
    }
  });
  return runs;
}

/** Merge the days of each month with few photos a day. The current month keeps its days. */
function mergeSparseMonths(days: readonly Run[], today: string): readonly Run[] {
  const current = today.slice(0, MONTH);
  return runsOf(days, ({ key }) => key.slice(0, MONTH)).flatMap(({ key, first, end }) => {
    const runs = days.slice(first, end);
    const [newest, oldest] = [runs[0], runs.at(-1)];
    const isSparse = newest && oldest && oldest.end - newest.first < FEW_PER_DAY * runs.length;
    return isSparse && runs.length > 1 && key !== current ? [{ key, first: newest.first, end: oldest.end }] : runs;
  });
}

function describe(images: readonly Keyed[], { key, first, end }: Run, today: string): Pick<Group, "heading" | "note"> {
  if (key === IMPLAUSIBLE) {
    return { heading: messages.datesThatCantBeRight, note: "" };
  }
  const members = images.slice(first, end);
  const isMonth = key.length === MONTH;
  const name = isMonth ? monthName(key) : dayName(key, today);
  const without = members.filter(isUndated).length;
  if (without < members.length) {
    const isAdded = members.every((image) => image.state !== "ready" || isUndated(image));
    const heading = isAdded ? messages.addedOn(addedName(members, isMonth, name, today)) : name;
    return { heading, note: without ? messages.countWithoutDate(without) : "" };
  }
  return { heading: messages.noDateAddedOn(addedName(members, isMonth, name, today)), note: "" };
}

/** The list is in the order of UTC, but people know the day of an upload in their own time zone. */
function addedName([newest]: readonly Keyed[], isMonth: boolean, name: string, today: string): string {
  return isMonth || !newest
    ? messages.inMonth(name)
    : messages.dayInText(dayName(localDay(new Date(newest.created_at)), today));
}
