import { expect, it } from "vitest";
import { dayName, daysLeft, localDay, monthName } from "./days";

it.each([
  ["2026-11-22", "Today"],
  ["2026-11-21", "Yesterday"],
  ["2026-11-20", "Friday 20 November"],
  ["2025-01-01", "Wed 1 January 2025"],
  ["1826-07-04", "Tue 4 July 1826"],
  ["2026-11-23", "Monday 23 November"],
])("%s is called %s", (day, name) => {
  expect(dayName(day, "2026-11-22")).toBe(name);
});

it("a moment is on the day of the browser's clock", () => {
  expect(localDay(new Date(2026, 0, 2, 23, 59))).toBe("2026-01-02");
});

it("months are called by name and year", () => {
  expect(monthName("2019-07")).toBe("July 2019");
});

it.each([
  ["2026-11-22T09:00:00Z", 30],
  ["2026-10-23T11:00:00Z", 1],
  ["2026-10-23T09:00:00Z", 0],
  ["2026-01-01T00:00:00Z", 0],
])("an image trashed at %s has %i days left", (trashed, days) => {
  expect(daysLeft(trashed, new Date("2026-11-22T10:00:00Z"))).toBe(days);
});
