import { describe, expect, it } from "vitest";
import { firstTag, withCountOf, withTag, withYear } from "./narrowing";
import { parse, type Query } from "./query";

const query = (text: string): Query => parse(text) ?? [];

describe("the first required tag", () => {
  it.each([
    ["cat|bird, !dog, person>=2, car", "person"],
    ["dog<=2, !cat, taken:2019", null],
    ["is:favourite", null],
    ["is:favourite, dog", "dog"],
    ["(dog, cat)|(dog, bird)", "dog"],
  ])("of %s is %s", (text, tag) => {
    expect(firstTag(query(text))).toBe(tag);
  });
});

describe("a query is narrowed", () => {
  it("with a tag, before its dates", () => {
    expect(withTag(query("dog, taken:2019"), "cat", false)).toBe("dog, cat, taken:2019");
    expect(withTag(query("dog"), "-5", true)).toBe('dog, !"-5"');
  });

  it("with a count, instead of its count", () => {
    expect(withCountOf(query("cat|dog, dog>=2, bird"), "dog", 3)).toBe("cat|dog, dog=3, bird");
  });

  it("with a year, instead of its period", () => {
    expect(withYear(query("dog, taken>=2018, undated"), 2019)).toBe("dog, taken:2019, undated");
    expect(withYear(query("taken>=2018"), 2019)).toBe("taken:2019");
  });

  it("not beyond 22 tags", () => {
    const longest = Array.from({ length: 22 }, (_, number) => `tag ${number}`).join(", ");

    expect(withTag(query(longest), "cat", false)).toBeNull();
  });
});
