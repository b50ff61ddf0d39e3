import { expect, it } from "vitest";
import { fill } from "./fill";

it("elements replace their numbers in any order", () => {
  expect(fill("Press {1} or {0}.", "a", "b")).toEqual(["Press ", "b", " or ", "a", "."]);
});

it("a message without numbers stays whole", () => {
  expect(fill("Saved.")).toEqual(["Saved."]);
});
