import { expect, it } from "vitest";
import { dayName, midnight } from "./days";

const NOW = new Date(2026, 10, 22, 9, 30);

it.each([
  [new Date(2026, 10, 22, 0, 0), "Today"],
  [new Date(2026, 10, 21, 23, 59), "Yesterday"],
  [new Date(2026, 10, 20, 12, 0), "Friday 20 November"],
  [new Date(2025, 0, 1, 12, 0), "Wed 1 January 2025"],
])("%s is called %s", (date, name) => {
  expect(dayName(date.toISOString(), midnight(NOW))).toBe(name);
});
