import { describe, expect, it } from "vitest";
import { Sequence } from "./album-sequence";

/** Return the images in the order of their keys. */
const sorted = (sequence: Sequence, ids: string) =>
  [...ids]
    .map((id) => ({ id, key: sequence.keyOf({ id }) }))
    .sort((a, b) => (a.key < b.key ? 1 : -1))
    .map(({ id }) => id)
    .join("");

describe("the order of an album", () => {
  it("is that of its pages", () => {
    const sequence = new Sequence();

    sequence.begin(["c", "a"]);
    sequence.append(["a", "b"]);

    expect(sorted(sequence, "abcx")).toBe("cabx");
    expect(sequence.keyOf({ id: "x" })).toBe("");
  });

  it("changes with its first page, and the rest stays behind", () => {
    const sequence = new Sequence();
    sequence.append([..."abcdef"]);

    sequence.begin([..."xcb"]);

    expect(sorted(sequence, "abcdefx")).toBe("axcbdef");
  });

  it("keeps the places of removed images", () => {
    const sequence = new Sequence();
    sequence.append([..."abcd"]);

    sequence.begin([..."ad"]);

    expect(sorted(sequence, "abcd")).toBe("abcd");
  });
});
