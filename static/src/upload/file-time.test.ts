import { describe, expect, it } from "vitest";
import { fileTime } from "./file-time";

describe("the time of a file", () => {
  it.each([
    [0, "2019-07-27T16:03:05.250+00:00"],
    [540, "2019-07-28T01:03:05.250+09:00"],
    [-210, "2019-07-27T12:33:05.250-03:30"],
  ])("has the clock at the offset %i", (offset, text) => {
    expect(fileTime(1_564_243_385_250, offset)).toBe(text);
  });

  it("has the clock of the browser", () => {
    expect(new Date(fileTime(1_564_243_385_250)).getTime()).toBe(1_564_243_385_250);
  });

  it.each([0, -1, Number.NaN, 8.64e15, 253_370_764_800_000])("is empty if it is unknown: %s", (time) => {
    expect(fileTime(time)).toBe("");
  });
});
