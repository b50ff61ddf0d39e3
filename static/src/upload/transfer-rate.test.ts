import { describe, expect, it } from "vitest";
import { noted, pace, paceInWords, type Reading, sizeInWords, timeInWords } from "./transfer-rate";

const readings = (...pairs: [number, number][]) =>
  pairs.reduce((known: readonly Reading[], [at, bytes]) => noted(known, { at, bytes }), []);

describe("the pace", () => {
  it("is that of the last ten seconds", () => {
    expect(pace(readings([0, 0], [1000, 9_000_000], [5000, 9_000_000], [11_000, 9_600_000]))).toBe(60_000);
  });

  it("is not known in the first second", () => {
    expect(pace(readings())).toBe(0);
    expect(pace(readings([0, 0], [999, 5000]))).toBe(0);
  });

  it("is measured anew when bytes are sent again", () => {
    expect(readings([0, 0], [1000, 5000], [2000, 1000])).toEqual([{ at: 2000, bytes: 1000 }]);
  });

  it("is told with the time that is left, or not at all", () => {
    expect(paceInWords(1_200_000, 216_000_000)).toBe("1.2 MB/s, 3 min left");
    expect(paceInWords(0, 1)).toBe("");
  });
});

describe("words", () => {
  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [1_234, "1.2 kB"],
    [52_428_800, "52 MB"],
    [7_200_000_000, "7.2 GB"],
  ])("say %i bytes as %s", (bytes, words) => {
    expect(sizeInWords(bytes)).toBe(words);
  });

  it.each([
    [0.2, "1 s"],
    [20, "20 s"],
    [61, "2 min"],
    [7_500, "2 h 5 min"],
  ])("say %d seconds as %s", (seconds, words) => {
    expect(timeInWords(seconds)).toBe(words);
  });
});
