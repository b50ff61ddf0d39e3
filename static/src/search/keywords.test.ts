import { describe, expect, it } from "vitest";
import { suggestKeywords } from "./keywords";
import { typedAt } from "./query";

const NOON = new Date("2026-11-22T12:00:00Z");
const suggested = (text: string) => {
  const typed = typedAt(text, text.length);
  return typed && suggestKeywords(text, typed, NOON).map(({ name }) => name);
};

describe("the keywords of the query language", () => {
  it.each([
    ["", ["after:2026-11-22", "before:2026-11-22", "untagged"]],
    ["dog, A", ["after:2026-11-22"]],
    ["un", ["untagged"]],
    ["dog|", []],
    ["!", []],
    ["cat", []],
  ])("are suggested for %j: %j", (text, names) => {
    expect(suggested(text)).toEqual(names);
  });
});
