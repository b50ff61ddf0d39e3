import { expect, it } from "vitest";
import { conditionOf, describePeriod, joinPeriods } from "./periods";

it.each([
  ["taken:2019", "2019"],
  ["taken:2019-07", "Jul 2019"],
  ["taken:2019-07-14", "14 Jul 2019"],
  ["taken:2018..2019", "2018 – 2019"],
  ["taken:2018-06..2018-08-30", "1 Jun 2018 – 30 Aug 2018"],
  ["taken>=2018-06", "from Jun 2018"],
  ["added<=2018", "until 2018"],
])("%s means %s", (text, description) => {
  expect(describePeriod(conditionOf(text)?.period ?? { first: null, last: null })).toBe(description);
});

it("two conditions are joined unless they have the same bound", () => {
  const first = { first: "2019-01-01", last: null };

  expect(joinPeriods(first, { first: null, last: "2018-12-31" })).toEqual({ first: "2019-01-01", last: "2018-12-31" });
  expect(joinPeriods(first, { first: "2018-01-01", last: null })).toBeNull();
});

it("bounds that contradict each other are described one by one", () => {
  expect(describePeriod({ first: "2019-01-01", last: "2018-12-31" })).toBe("from 2019, until 2018");
});

it.each(["dog", "takenx:2019", "!taken:2019", "after>=2", "after"])("%s has no period", (text) => {
  expect(conditionOf(text)).toBeUndefined();
});
