// How days are called in headings, in the person's own time zone.

const DAY_MS = 86_400_000;
const sameYear = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long" });
const otherYear = new Intl.DateTimeFormat("en-GB", {
  weekday: "short",
  day: "numeric",
  month: "long",
  year: "numeric",
});

// A library's moments are asked for again with each page of it.
const names = new Map<string, string>();
let named = 0; // the midnight that they are called after

/** `Today`, `Yesterday`, `Friday 20 November`, or with the year if it is not this one. */
export function dayName(moment: string, today = midnight(new Date())): string {
  if (named !== today) {
    names.clear();
    named = today;
  }
  const name = names.get(moment) ?? nameOf(new Date(moment), new Date(today));
  names.set(moment, name);
  return name;
}

function nameOf(date: Date, now: Date): string {
  const days = Math.round((midnight(now) - midnight(date)) / DAY_MS);
  if (days === 0) {
    return "Today";
  }
  if (days === 1) {
    return "Yesterday";
  }
  return (date.getFullYear() === now.getFullYear() ? sameYear : otherYear).format(date).replace(",", "");
}

/** The beginning of the day, in milliseconds. */
export function midnight(date: Date): number {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

const KEPT_DAYS = 30;

/** How many days are left until what is in the trash is deleted, from the moment it was put there. */
export function daysLeft(trashed: string, now = new Date()): number {
  return Math.max(0, Math.ceil(KEPT_DAYS - (now.getTime() - new Date(trashed).getTime()) / DAY_MS));
}
