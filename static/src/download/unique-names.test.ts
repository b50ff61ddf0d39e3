import { describe, expect, it } from "vitest";
import { UniqueNames } from "./unique-names";
import rows from "./unique-names.json";

describe("the names of files", () => {
  it.each(rows)("are unique: $unique", ({ names, unique }) => {
    const chosen = new UniqueNames();

    expect(names.map((name, index) => chosen.choose(String(index), name))).toEqual(unique);
  });

  it("stay the same, and leave reserved names free", () => {
    const chosen = new UniqueNames(["A.txt"]);

    expect([chosen.choose("1", "a.txt"), chosen.choose("2", "a.txt"), chosen.choose("1", "a.txt")]).toEqual([
      "a (2).txt",
      "a (3).txt",
      "a (2).txt",
    ]);
  });
});
