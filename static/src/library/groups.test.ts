import { describe, expect, it } from "vitest";
import type { ImageSummary } from "../schemas";
import { groupImages } from "./groups";
import type { Order } from "./order-key";
import { testImage } from "./test-image";

const TODAY = "2026-11-22";
const NOON = "2026-11-22T12:00:00Z";

const taken = (at: string, count = 1, changes: Partial<ImageSummary> = {}) =>
  Array.from({ length: count }, (_, index) => testImage(`${at}${index}`, { taken_at: at, ...changes }));
const undated = (at: string, count = 1) => taken(at, count, { taken_source: "upload", created_at: `${at}Z` });

function headings(images: readonly ImageSummary[], order: Order = "taken") {
  return groupImages(images, order, TODAY).map(
    ({ heading, note, first, end }) => `${heading}${note && ` (${note})`}: ${end - first}`,
  );
}

describe("the headings of the library", () => {
  it("are days of the clock at the place", () => {
    const images = [
      ...taken("2026-11-22T23:59:00-10:00", 2),
      ...taken("2026-11-21"),
      ...taken("2019-07-28T01:03:00", 9),
    ];

    expect(headings(images)).toEqual(["Today: 2", "Yesterday: 1", "Sun 28 July 2019: 9"]);
  });

  it("are months if the days have few photos, but not in this month", () => {
    const images = [
      ...taken("2026-11-10"),
      ...taken("2026-11-09"),
      ...taken("2019-07-28", 6),
      ...taken("2019-07-02"),
      ...taken("2019-06-28", 7),
      ...taken("2019-06-02"),
      ...taken("2019-05-02"),
    ];

    expect(headings(images)).toEqual([
      "Tuesday 10 November: 1",
      "Monday 9 November: 1",
      "July 2019: 7",
      "Fri 28 June 2019: 7",
      "Sun 2 June 2019: 1",
      "Thu 2 May 2019: 1",
    ]);
  });

  it("say that photos have no date, or one that can't be right", () => {
    const images = [
      ...undated("2026-11-22T10:00:00", 2),
      ...undated("2025-01-03T10:00:00"),
      ...undated("2025-01-01T10:00:00"),
      ...taken("2106-02-07", 1, { taken_plausible: false }),
      ...taken("1601-01-01", 1, { taken_plausible: false }),
    ];

    expect(headings(images)).toEqual([
      "No date: added today: 2",
      "No date: added in January 2025: 2",
      "Dates that can't be right: 2",
    ]);
  });

  it("count the photos without a date among others", () => {
    expect(headings([...taken("2026-11-22T11:00:00", 3), ...undated("2026-11-22T10:00:00", 2)])).toEqual([
      "Today (2 without a date): 5",
    ]);
  });

  it("say that pending photos were added", () => {
    const pending = testImage("a", { state: "pending", created_at: NOON });

    expect(headings([pending])).toEqual(["Added today: 1"]);
    expect(headings([pending, ...undated("2026-11-22T10:00:00")])).toEqual(["Added today (1 without a date): 2"]);
    expect(headings([pending, ...taken("2026-11-22T10:00:00")])).toEqual(["Today: 2"]);
  });
});

it("the headings in the order of uploads are the days of the uploads", () => {
  expect(headings(taken("2019-07-28", 2, { created_at: NOON }), "added")).toEqual(["Today: 2"]);
});

it("the headings of the trash are the days of the deletion", () => {
  const trashed = (at: string) => testImage(at, { state: "trashed", trashed_at: at });

  expect(headings([trashed(NOON), trashed("2026-11-20T12:00:00Z")], "trashed")).toEqual([
    "Deleted today: 1",
    "Deleted Friday 20 November: 1",
  ]);
});
