import { describe, expect, it } from "vitest";
import { wordsFor } from "./keywords";
import { typedAt } from "./query";

const NOON = new Date("2026-11-22T12:00:00Z");
const offered = (text: string) => {
  const typed = typedAt(text, text.length);
  return typed && wordsFor(text, typed, NOON).map(({ name }) => name);
};

describe("the words of the language", () => {
  it.each([
    ["", ["after:2026-11-22", "before:2026-11-22", "untagged"]],
    ["dog, A", ["after:2026-11-22"]],
    ["un", ["untagged"]],
    ["dog|", []],
    ["!", []],
    ["cat", []],
  ])("are offered for %j: %j", (text, names) => {
    expect(offered(text)).toEqual(names);
  });
});
