import { describe, expect, it } from "vitest";
import { fileTime } from "./file-time";

describe("the time of a file", () => {
  it("is in UTC", () => {
    expect(fileTime(1_564_243_385_250)).toBe("2019-07-27T16:03:05.250Z");
  });

  it.each([0, -1, Number.NaN, 8.64e15, 253_402_300_800_000])("is empty if it is unknown: %s", (time) => {
    expect(fileTime(time)).toBe("");
  });
});
