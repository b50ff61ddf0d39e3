import { expect, it } from "vitest";
import { normalize, tagProblem } from "./tag-names";

it.each([
  ["  Guide \t DOG ", "guide dog"],
  ["Cafe\u0301", "caf\u00e9"],
])("spells %j as %j", (text, tag) => {
  expect(normalize(text)).toBe(tag);
});

it.each([
  ["guide dog", ""],
  ["a|b", "|"],
  ["!dog", "!"],
  ["untagged", "untagged"],
  ["x".repeat(65), "64"],
])("explains why %j can't be a tag: %j", (text, part) => {
  expect(tagProblem(text)).toContain(part);
  expect(tagProblem(text) === "").toBe(part === "");
});
