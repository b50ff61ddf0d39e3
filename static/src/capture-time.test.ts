import { expect, it } from "vitest";
import { describeTimeSource, formatCaptureTime } from "./capture-time";

it.each([
  ["2019-07-28T01:03:00+09:00", "exif", "28 Jul 2019, 01:03 +09:00"],
  ["2019-07-28T01:03:59.250000-03:30", "xmp", "28 Jul 2019, 01:03 -03:30"],
  ["2019-07-28T01:03:00", "exif", "28 Jul 2019, 01:03"],
  ["2019-07-28", "name", "28 Jul 2019"],
  ["2019-07-28T01:03:00", "gps", "28 Jul 2019, 01:03 UTC"],
  ["2019-07-28T01:03:00+00:00", "upload", "28 Jul 2019, 01:03 UTC"],
  ["0800-12-25T12:00:00", "xmp", "25 Dec 800, 12:00"],
] as const)("formats %s from %s as %s", (at, source, text) => {
  expect(formatCaptureTime(at, source, "en-GB")).toBe(text);
});

it("formats dates as the reader writes them", () => {
  expect(formatCaptureTime("2019-07-28T01:03:00+09:00", "exif", "de")).toBe("28.07.2019, 01:03 +09:00");
});

it("describes a source", () => {
  expect(describeTimeSource("name")).toBe("from the file name");
});
