import { expect, it } from "vitest";
import type { ImageSummary } from "../schemas";
import { slideAfter, slideFrom } from "./slides";

const list = (...states: readonly ImageSummary["state"][]) => states.map((state, index) => ({ id: `${index}`, state }));

it("a slideshow skips photos without a picture", () => {
  const images = list("pending", "ready", "failed", "pending", "trashed");

  expect(slideFrom(images, 0)).toBe("1");
  expect(slideAfter(images, "2")).toBe("4");
});

it("a slideshow ends after the last photo with a picture", () => {
  expect(slideAfter(list("ready", "failed"), "1")).toBeNull();
  expect(slideAfter(list("ready"), null)).toBeNull();
  expect(slideFrom([], 0)).toBeNull();
});
