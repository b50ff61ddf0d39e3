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
    [
      "",
      [
        "taken:2026-11",
        "added:2026-11",
        "is:favourite",
        "text:",
        "name:",
        "title:",
        "camera:",
        "lens:",
        "undated",
        "untagged",
      ],
    ],
    ["dog, A", ["added:2026-11"]],
    ["un", ["undated", "untagged"]],
    ["dog|", []],
    ["!", []],
    ["cat", []],
    ["ca", ["camera:"]],
    ["Fav", ["is:favourite"]],
    ["dog, is", ["is:favourite"]],
    ["t", ["taken:2026-11", "text:", "title:"]],
  ])("are suggested for %j: %j", (text, names) => {
    expect(suggested(text)).toEqual(names);
  });
});
