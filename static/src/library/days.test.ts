import { expect, it } from "vitest";
import { dayName, daysLeft, midnight } from "./days";

const NOW = new Date(2026, 10, 22, 9, 30);

it.each([
  [new Date(2026, 10, 22, 0, 0), "Today"],
  [new Date(2026, 10, 21, 23, 59), "Yesterday"],
  [new Date(2026, 10, 20, 12, 0), "Friday 20 November"],
  [new Date(2025, 0, 1, 12, 0), "Wed 1 January 2025"],
])("%s is called %s", (date, name) => {
  expect(dayName(date.toISOString(), midnight(NOW))).toBe(name);
});

it.each([
  ["2026-11-22T09:00:00Z", 30],
  ["2026-10-23T11:00:00Z", 1],
  ["2026-10-23T09:00:00Z", 0],
  ["2026-01-01T00:00:00Z", 0],
])("an image trashed at %s has %i days left", (trashed, days) => {
  expect(daysLeft(trashed, new Date("2026-11-22T10:00:00Z"))).toBe(days);
});
