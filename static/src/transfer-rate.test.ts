import { describe, expect, it } from "vitest";
import { addReading, formatRate, type Reading, transferRate } from "./transfer-rate";

const readings = (...pairs: [number, number][]) =>
  pairs.reduce((all: readonly Reading[], [at, bytes]) => addReading(all, { at, bytes }), []);

describe("the transfer rate", () => {
  it("is an average over the last ten seconds", () => {
    expect(transferRate(readings([0, 0], [1000, 9_000_000], [5000, 9_000_000], [11_000, 9_600_000]))).toBe(60_000);
  });

  it("is unknown in the first second", () => {
    expect(transferRate(readings())).toBe(0);
    expect(transferRate(readings([0, 0], [999, 5000]))).toBe(0);
  });

  it("is measured again when bytes are sent again", () => {
    expect(readings([0, 0], [1000, 5000], [2000, 1000])).toEqual([{ at: 2000, bytes: 1000 }]);
  });

  it("is shown with the time that is left, or not at all", () => {
    expect(formatRate(1_200_000, 216_000_000)).toBe("1.2 MB/s, 3 min left");
    expect(formatRate(0, 1)).toBe("");
  });
});
