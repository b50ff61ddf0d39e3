import { describe, expect, it } from "vitest";
import { addedKey, isUndated, monthAfter, monthOf, orderKey } from "./order-key";
import { testImage } from "./test-image";

const CREATED = "2026-01-31T16:20:00.123000Z";
const image = (changes: Parameters<typeof testImage>[1]) => testImage("ID", { created_at: CREATED, ...changes });

describe("the key of an image", () => {
  it.each([
    ["a time with an offset", { taken_at: "2019-07-28T01:03:00+09:00" }, "2019-07-28T01:03:00#ID"],
    ["a time with a fraction", { taken_at: "2019-07-28T01:03:00.500000" }, "2019-07-28T01:03:00#ID"],
    ["a date", { taken_at: "2019-07-28" }, "2019-07-28T00:00:00#ID"],
    ["an impossible time", { taken_at: "2106-02-07T06:28:15", taken_plausible: false }, "!2106-02-07T06:28:15#ID"],
    ["a pending image", { state: "pending" }, "2026-01-31T16:20:00#ID"],
    ["a failed image", { state: "failed", taken_at: null }, "2026-01-31T16:20:00#ID"],
    ["an image in the trash", { state: "trashed", trashed_at: "2026-02-01T10:00:00Z" }, "2026-02-01T10:00:00#ID"],
  ] as const)("with %s has the clock of the place", (_, changes, key) => {
    expect(orderKey(image(changes), "taken")).toBe(key);
  });

  it("has the time of the upload in the order of uploads", () => {
    expect(orderKey(image({ taken_at: "2019-07-28" }), "added")).toBe("2026-01-31T16:20:00#ID");
    expect(addedKey(image({}))).toBe("2026-01-31T16:20:00#ID");
  });

  it("sorts impossible times before all others", () => {
    const [impossible, old] = [{ taken_at: "2106-02-07", taken_plausible: false }, { taken_at: "1826-01-01" }].map(
      (changes) => orderKey(image(changes), "taken"),
    );

    expect((impossible ?? "") < (old ?? "")).toBe(true);
  });
});

it.each([
  ["2019-07-28T01:03:00#ID", "2019-07"],
  ["!2106-02-07T06:28:15#ID", ""],
])("the month of %s is %j", (key, month) => {
  expect(monthOf(key)).toBe(month);
});

it.each([
  ["2019-07", "2019-08"],
  ["2019-09", "2019-10"],
  ["2019-12", "2020-01"],
])("after %s comes %s", (month, after) => {
  expect(monthAfter(month)).toBe(after);
});

it("an image is undated if only its upload is known", () => {
  expect(isUndated(image({ taken_source: "upload" }))).toBe(true);
  expect(isUndated(image({ taken_source: "name" }))).toBe(false);
  expect(isUndated(image({ state: "pending" }))).toBe(false);
});
