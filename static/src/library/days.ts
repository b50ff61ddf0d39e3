// Names of days for headings, in the time zone and the format of the browser.

const DAY_MS = 86_400_000;
const sameYear = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const otherYear = new Intl.DateTimeFormat(undefined, {
  weekday: "short",
  day: "numeric",
  month: "long",
  year: "numeric",
});

// Each new page of the library needs the names of all days again.
const names = new Map<string, string>();
let namedSince = 0; // the midnight for which the names are valid

/** `Today`, `Yesterday`, `Friday 20 November`; with the year if it isn't the current one. */
export function dayName(moment: string, today = midnight(new Date())): string {
  if (namedSince !== today) {
    names.clear();
    namedSince = today;
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

/** Return the start of a day, in milliseconds. */
export function midnight(date: Date): number {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

const TRASH_DAYS = 30;

/** Return how many days are left until an image in the trash is deleted. */
export function daysLeft(trashed: string, now = new Date()): number {
  return Math.max(0, Math.ceil(TRASH_DAYS - (now.getTime() - new Date(trashed).getTime()) / DAY_MS));
}
