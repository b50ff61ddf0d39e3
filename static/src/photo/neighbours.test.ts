import { expect, it } from "vitest";
import { neighboursOf } from "./neighbours";

const images = ["f", "d", "b"].map((id) => ({ id }));

it("an image is between its neighbours", () => {
  expect(neighboursOf(images, "d")).toEqual({ previous: "f", next: "b", following: 1 });
});

it("the first image has no previous one, and the last no next one", () => {
  expect(neighboursOf(images, "f")).toEqual({ previous: null, next: "d", following: 2 });
  expect(neighboursOf(images, "b")).toEqual({ previous: "d", next: null, following: 0 });
});

it("an image that isn't in the list has the neighbours of its place", () => {
  expect(neighboursOf(images, "c")).toEqual({ previous: "d", next: "b", following: 1 });
  expect(neighboursOf(images, "g")).toEqual({ previous: null, next: "f", following: 3 });
  expect(neighboursOf(images, "a")).toEqual({ previous: "b", next: null, following: 0 });
  expect(neighboursOf([], "a")).toEqual({ previous: null, next: null, following: 0 });
});
