import { describe, expect, it } from "vitest";
import canonical from "./canonical.json";
import {
  complete,
  isCertain,
  type Part,
  parse,
  type Query,
  queryForTags,
  replacePart,
  splitAt,
  textOf,
  typedAt,
  withCertain,
  withTerm,
} from "./query";
import { countOf, operatorOf, type Term, withCount } from "./terms";

const dog: Term = { tag: "dog", minCount: 1, maxCount: null, negated: false, certain: false };
const tags = (...terms: Term[]): Part => ({ kind: "tags", terms });

describe("a query", () => {
  it.each(canonical as [string, string | null][])("%j has the canonical form %j", (text, written) => {
    const query = parse(text);

    expect(query && textOf(query)).toBe(written);
    expect(query && parse(textOf(query))).toEqual(query);
  });

  it("has alternatives in one part", () => {
    expect(parse("dog|!cat<=2, untagged")).toEqual([
      tags(dog, { tag: "cat", minCount: 0, maxCount: 2, negated: true, certain: false }),
      { kind: "untagged" },
    ]);
  });
});

describe("a term", () => {
  it.each([
    ["dog", "minimum", 1],
    ["dog>=2", "minimum", 2],
    ["dog=2", "exactly", 2],
    ["dog<=2", "maximum", 2],
    ["dog:2..4", "between", 4],
  ])("%s is %s %i", (text, operator, count) => {
    const part = parse(text)?.[0];
    const term = part?.kind === "tags" ? (part.terms[0] as Term) : dog;

    expect([operatorOf(term), countOf(term)]).toEqual([operator, count]);
    expect(withCount({ ...dog, minCount: term.minCount }, operatorOf(term), count)).toEqual(term);
  });

  it("has a count within valid limits", () => {
    expect(countOf(withCount(dog, "minimum", 0))).toBe(1);
    expect(countOf(withCount(dog, "maximum", 0))).toBe(1);
    expect(countOf(withCount(dog, "exactly", -1))).toBe(0);
    expect(countOf(withCount(dog, "minimum", 1000))).toBe(999);
    expect(countOf(withCount({ ...dog, minCount: 2 }, "between", 1))).toBe(3);
  });
});

describe("only certain objects", () => {
  const query = parse("dog>=2, !cat|bird!, untagged") ?? [];

  it("count in all terms or in none", () => {
    expect(textOf(withCertain(query, true))).toBe("dog>=2!, !cat!|bird!, untagged");
    expect(textOf(withCertain(query, false))).toBe("dog>=2, !cat|bird, untagged");
  });

  it.each([
    ["dog!, !cat!|bird!, taken:2019", true],
    ["dog!, cat", false],
    ["taken:2019", false],
  ])("count in %s: %s", (text, expected) => {
    expect(isCertain(parse(text) ?? [])).toBe(expected);
  });
});

describe("a change", () => {
  const query = parse("dog|cat, bird") as Query;

  it("removes or replaces a part", () => {
    expect(textOf(replacePart(query, 0, null))).toBe("bird");
    expect(textOf(replacePart(query, 1, tags(dog)))).toBe("dog|cat, dog");
  });

  it("removes an alternative, and the part with the last one", () => {
    expect(withTerm([dog, { ...dog, tag: "cat" }], 0, null)).toEqual(tags({ ...dog, tag: "cat" }));
    expect(withTerm([dog], 0, null)).toBeNull();
    expect(withTerm([dog], 0, { ...dog, negated: true })).toEqual(tags({ ...dog, negated: true }));
  });
});

describe("the tag at the caret", () => {
  it.each([
    ["", 0, { start: 0, end: 0, prefix: "" }],
    ["pers", 4, { start: 0, end: 4, prefix: "pers" }],
    ["person>=2, st", 13, { start: 11, end: 13, prefix: "st" }],
    ["cat|!st, dog", 7, { start: 5, end: 7, prefix: "st" }],
    ["stop sign=2", 3, { start: 0, end: 9, prefix: "sto" }],
    ["stop sign=2", 11, null],
    ["taken:20", 8, null],
    ["!(ca|do), x", 7, { start: 5, end: 7, prefix: "do" }],
    ["-(do", 4, { start: 2, end: 4, prefix: "do" }],
    ["cat, -do", 8, { start: 6, end: 8, prefix: "do" }],
    ['"ta', 3, { start: 0, end: 3, prefix: "ta" }],
    ["mouse (pet)", 9, { start: 0, end: 11, prefix: "mouse (pe" }],
  ])("in %j at %i is %j", (text, caret, typed) => {
    expect(typedAt(text, caret)).toEqual(typed);
  });

  it("is completed in place", () => {
    const completeAt = (text: string, caret: number) =>
      complete(text, typedAt(text, caret) ?? { start: 0, end: 0, prefix: "" }, "stop sign");

    expect(completeAt("st", 2)).toEqual({ text: "stop sign", caret: 9 });
    expect(completeAt("dog,", 4)).toEqual({ text: "dog, stop sign", caret: 14 });
    expect(completeAt("!sto=2, dog", 3)).toEqual({ text: "!stop sign=2, dog", caret: 10 });
  });

  it("of an error is split by code points", () => {
    expect(splitAt("🐶>>1", 2)).toEqual(["🐶>", ">", "1"]);
    expect(splitAt("dog,", 4)).toEqual(["dog,", "", ""]);
  });
});

it("tags become a query for at least as many", () => {
  expect(
    queryForTags([
      { tag: "stop sign", count: 2 },
      { tag: "-clock", count: 1 },
    ]),
  ).toBe('stop sign>=2, "-clock"');
});
