import { expect, it } from "vitest";
import { dateProblem, inputOf, shiftText, takenAtOf } from "./date-input";

it.each([
  ["2019-07-28", { date: "2019-07-28", time: "", offset: "" }],
  ["2019-07-28T01:03:00", { date: "2019-07-28", time: "01:03", offset: "" }],
  ["2019-07-28T01:00:00+09:00", { date: "2019-07-28", time: "01:00", offset: "+09:00" }],
  ["2019-07-28T01:03:15-03:30", { date: "2019-07-28", time: "01:03:15", offset: "-03:30" }],
])("%s has parts, and is read from them", (takenAt, input) => {
  expect(inputOf(takenAt)).toEqual(input);
  expect(takenAtOf(input)).toBe(takenAt);
});

it("fractions of a second are left out", () => {
  expect(takenAtOf(inputOf("2019-07-28T01:03:15.25+00:00"))).toBe("2019-07-28T01:03:15+00:00");
});

it.each([
  ["", true],
  ["1826-01-01", true],
  ["1825-12-31", false],
  ["2026-12-02", true], // tomorrow in the time zone UTC+14
  ["2026-12-03", false],
  ["0201-01-01", false],
  ["12019-01-01", false],
])("the date %j can be saved: %j", (date, isFine) => {
  expect(dateProblem({ date }, new Date("2026-11-30T12:00:00Z")) === "").toBe(isFine);
});

it("a shift is written in days, hours and minutes", () => {
  expect(shiftText({ sign: "+", days: 1, hours: 2, minutes: 0 })).toBe("+1 d 2 h");
  expect(shiftText({ sign: "-", days: 0, hours: 0, minutes: 30 })).toBe("-30 min");
  expect(shiftText({ sign: "-", days: 0, hours: 0, minutes: 0 })).toBe("");
});
