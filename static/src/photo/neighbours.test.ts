import { expect, it } from "vitest";
import { neighboursOf } from "./neighbours";

const images = ["f", "d", "b"].map((id) => ({ id }));

it("a photograph lies between its neighbours", () => {
  expect(neighboursOf(images, "d")).toEqual({ previous: "f", next: "b", following: 1 });
});

it("the first has nothing before it, the last nothing after it", () => {
  expect(neighboursOf(images, "f")).toEqual({ previous: null, next: "d", following: 2 });
  expect(neighboursOf(images, "b")).toEqual({ previous: "d", next: null, following: 0 });
});

it("one that is not in the list has the neighbours that it would have", () => {
  expect(neighboursOf(images, "c")).toEqual({ previous: "d", next: "b", following: 1 });
  expect(neighboursOf(images, "g")).toEqual({ previous: null, next: "f", following: 3 });
  expect(neighboursOf(images, "a")).toEqual({ previous: "b", next: null, following: 0 });
  expect(neighboursOf([], "a")).toEqual({ previous: null, next: null, following: 0 });
});
