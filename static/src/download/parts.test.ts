import { describe, expect, it } from "vitest";
import { planParts, sizeOf } from "./parts";

const MB = 1e6;
const entries = (...sizes: number[]) => sizes.map((size, index) => ({ id: String(index), name: `${index}.jpg`, size }));
const idsOf = (parts: ReturnType<typeof planParts>) => parts.map((part) => part.map(({ id }) => id).join(""));

describe("the parts of a download", () => {
  it("are not larger than the limit and keep the order", () => {
    expect(idsOf(planParts(entries(400 * MB, 500 * MB, 200 * MB, 800 * MB, 100 * MB), 1000 * MB))).toEqual([
      "01",
      "2",
      "34",
    ]);
  });

  it("have room for the sidecars", () => {
    const parts = planParts(entries(...Array.from({ length: 1000 }, () => MB)), 1000 * MB);

    expect(parts.map((part) => part.length)).toEqual([952, 48]);
  });

  it("contain a photo alone that is larger", () => {
    expect(idsOf(planParts(entries(MB, 2000 * MB, MB), 1000 * MB))).toEqual(["0", "1", "2"]);
    expect(planParts([], 1000 * MB)).toEqual([]);
  });

  it("have the size of their originals", () => {
    expect(sizeOf(entries(1, 2, 3))).toBe(6);
  });
});
