import { expect, it } from "vitest";
import type { FetchPage } from "./feed-page";
import { readRecent } from "./feed-recent";
import { testImage } from "./test-image";

const upload = (day: number, state: "ready" | "pending" = "ready") =>
  testImage(String(day), { state, created_at: `2026-01-0${day}T00:00:00Z` });

/** Pages of one upload a day, newest first; the second page is empty. */
const fetchPage: FetchPage = (cursor) => {
  const page = Number(cursor ?? 0);
  return Promise.resolve({ images: page === 1 ? [] : [upload(9 - page)], next: page === 5 ? null : String(page + 1) });
};
const daysRead = async (...arrivals: Parameters<typeof readRecent>[1]) => {
  const { images, isWhole } = await readRecent(fetchPage, arrivals);
  return [images.map(({ id }) => id).join(""), isWhole];
};

it("the first page is read if no image is pending", async () => {
  expect(await daysRead(upload(6))).toEqual(["9", false]);
});

it("pages are read down to the oldest pending image", async () => {
  expect(await daysRead(upload(8, "pending"), upload(6, "pending"))).toEqual(["976", false]);
});

it("all pages are read if a pending image was deleted", async () => {
  expect(await daysRead(upload(1, "pending"))).toEqual(["97654", true]);
});
