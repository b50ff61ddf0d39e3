import { expect, it } from "vitest";
import { normalize, tagProblem } from "./tag-names";
import cases from "./tag-names.json";

it.each(cases as [string, string | null][])("spells %j as %j, as the API does", (text, tag) => {
  const written = normalize(text);

  expect(written && tagProblem(written) === "" ? written : null).toBe(tag);
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
