import { expect, it } from "vitest";
import { isThis } from "./review";

it.each([
  ["dog", "Is this a {0}?"],
  ["apple", "Is this an {0}?"],
])("the question about %s is %s", (label, text) => {
  expect(isThis(label)).toBe(text);
});
