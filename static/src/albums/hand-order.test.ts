import { expect, it } from "vitest";
import { areEqual, moveBefore, moveByOne } from "./hand-order";

const set = (ids: string) => new Set(ids);

it.each([
  ["abcde", "b", "d", "acbde"],
  ["abcde", "d", "a", "dabce"],
  ["abcde", "bd", "a", "bdace"],
  ["abcde", "ae", "c", "baecd"],
  ["abcde", "bc", "c", "abcde"],
  ["abcde", "a", null, "bcdea"],
])("in %s, %s before %s gives %s", (order, moved, before, after) => {
  expect(moveBefore([...order], set(moved), before).join("")).toBe(after);
});

it.each([
  ["abcde", "c", -1, "acbde"],
  ["abcde", "c", 1, "abdce"],
  ["abcde", "bc", 1, "adbce"],
  ["abcde", "bd", 1, "acebd"],
  ["abcde", "bd", -1, "bdace"],
  ["abcde", "a", -1, "abcde"],
  ["abcde", "de", 1, "abcde"],
  ["abcde", "d", 1, "abced"],
] as const)("in %s, %s moved by %i gives %s", (order, moved, by, after) => {
  expect(moveByOne([...order], set(moved), by).join("")).toBe(after);
});

it("orders are compared", () => {
  expect([areEqual(["a"], ["a"]), areEqual(["a"], ["a", "b"]), areEqual(["a", "b"], ["b", "a"])]).toEqual([
    true,
    false,
    false,
  ]);
});
