import { describe, expect, it } from "vitest";
import canonical from "./canonical.json";
import {
  around,
  changed,
  completed,
  counted,
  countOf,
  loosened,
  operatorOf,
  type Part,
  parse,
  type Query,
  type Term,
  textOf,
  typedAt,
  withTerm,
} from "./query";

const dog: Term = { tag: "dog", least: 1, most: null, negated: false };
const tags = (...terms: Term[]): Part => ({ kind: "tags", terms });

describe("a query", () => {
  it.each(canonical as [string, string | null][])("%j is written %j, as the server does", (text, written) => {
    const query = parse(text);

    expect(query && textOf(query)).toBe(written);
    expect(query && parse(textOf(query))).toEqual(query);
  });

  it("has its alternatives in one part", () => {
    expect(parse("dog|!cat<=2, untagged")).toEqual([
      tags(dog, { tag: "cat", least: 0, most: 2, negated: true }),
      { kind: "untagged" },
    ]);
  });
});

describe("a term", () => {
  it.each([
    ["dog", "at least", 1],
    ["dog>=2", "at least", 2],
    ["dog=2", "exactly", 2],
    ["dog<=2", "at most", 2],
  ])("%s is %s %i", (text, operator, count) => {
    const part = parse(text)?.[0];
    const term = part?.kind === "tags" ? (part.terms[0] as Term) : dog;

    expect([operatorOf(term), countOf(term)]).toEqual([operator, count]);
    expect(counted(dog, operatorOf(term), count)).toEqual(term);
  });

  it("is not counted beyond what makes sense", () => {
    expect(countOf(counted(dog, "at least", 0))).toBe(1);
    expect(countOf(counted(dog, "at most", 0))).toBe(1);
    expect(countOf(counted(dog, "exactly", -1))).toBe(0);
    expect(countOf(counted(dog, "at least", 1000))).toBe(999);
  });
});

describe("a change", () => {
  const query = parse("dog|cat, bird") as Query;

  it("takes a part away, or puts another in its place", () => {
    expect(textOf(changed(query, 0, null))).toBe("bird");
    expect(textOf(changed(query, 1, tags(dog)))).toBe("dog|cat, dog");
  });

  it("takes an alternative away, and with the last the part", () => {
    expect(withTerm([dog, { ...dog, tag: "cat" }], 0, null)).toEqual(tags({ ...dog, tag: "cat" }));
    expect(withTerm([dog], 0, null)).toBeNull();
    expect(withTerm([dog], 0, { ...dog, negated: true })).toEqual(tags({ ...dog, negated: true }));
  });
});

describe("asking for less", () => {
  const texts = (text: string) => loosened(parse(text) as Query).map(({ words, query }) => [words, textOf(query)]);

  it("leaves out one part after the other", () => {
    expect(texts("dog, !cat, untagged")).toEqual([
      ["Without dog", "!cat, untagged"],
      ["Without !cat", "dog, untagged"],
      ["Without untagged", "dog, !cat"],
    ]);
  });

  it("asks for one where many were asked for", () => {
    expect(texts("dog>=2|cat=3|!bird>=2")).toEqual([["At least one: dog|cat|!bird>=2", "dog|cat|!bird>=2"]]);
  });

  it("has nothing to offer for a single tag", () => {
    expect(texts("dog")).toEqual([]);
  });
});

describe("typing", () => {
  it.each([
    ["", 0, { start: 0, end: 0, prefix: "" }],
    ["pers", 4, { start: 0, end: 4, prefix: "pers" }],
    ["person>=2, st", 13, { start: 11, end: 13, prefix: "st" }],
    ["cat|!st, dog", 7, { start: 5, end: 7, prefix: "st" }],
    ["stop sign=2", 3, { start: 0, end: 9, prefix: "sto" }],
    ["stop sign=2", 11, null],
    ["after:20", 8, null],
  ])("in %j at %i is about %j", (text, caret, typed) => {
    expect(typedAt(text, caret)).toEqual(typed);
  });

  it("is completed where it stands", () => {
    const complete = (text: string, caret: number) =>
      completed(text, typedAt(text, caret) ?? { start: 0, end: 0, prefix: "" }, "stop sign");

    expect(complete("st", 2)).toEqual({ text: "stop sign", caret: 9 });
    expect(complete("dog,", 4)).toEqual({ text: "dog, stop sign", caret: 14 });
    expect(complete("!sto=2, dog", 3)).toEqual({ text: "!stop sign=2, dog", caret: 10 });
  });

  it("wrongly is shown where the server says, in whole characters", () => {
    expect(around("🐶>>1", 2)).toEqual(["🐶>", ">", "1"]);
    expect(around("dog,", 4)).toEqual(["dog,", "", ""]);
  });
});
