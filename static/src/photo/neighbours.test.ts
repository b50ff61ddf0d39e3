import { expect, it } from "vitest";
import { neighboursOf } from "./neighbours";

const list = (ids: string) => ({ images: [...ids].map((id) => ({ id })), keyOf: ({ id }: { id: string }) => id });
const around = (id: string, key: string | null = id, ids = "fdb") => neighboursOf({ ...list(ids), key }, id);

it("an image is between its neighbours", () => {
  expect(around("d")).toEqual({ previous: "f", next: "b", preceding: 1, following: 1 });
});

it("the first image has no previous one, and the last no next one", () => {
  expect(around("f")).toEqual({ previous: null, next: "d", preceding: 0, following: 2 });
  expect(around("b")).toEqual({ previous: "d", next: null, preceding: 2, following: 0 });
});

it("an image that isn't in the list has the neighbours of its place", () => {
  expect(around("new", "c")).toEqual({ previous: "d", next: "b", preceding: 2, following: 1 });
  expect(around("new", "g")).toEqual({ previous: null, next: "f", preceding: 0, following: 3 });
  expect(around("new", "a")).toEqual({ previous: "b", next: null, preceding: 3, following: 0 });
  expect(around("new", "a", "")).toEqual({ previous: null, next: null, preceding: 0, following: 0 });
});

it("an image whose place is unknown has no neighbours", () => {
  expect(around("new", null)).toEqual({ previous: null, next: null, preceding: 0, following: 0 });
});
