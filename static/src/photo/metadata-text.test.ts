import { expect, it } from "vitest";
import type { ImageMetadata } from "../schemas";
import { describeRating, formatExposure, formatPosition, mapLink } from "./metadata-text";

const NONE: ImageMetadata = {
  taken_at: null,
  camera: "",
  camera_make: "",
  camera_model: "",
  lens: "",
  exposure_seconds: null,
  f_number: null,
  iso: null,
  focal_length: null,
  focal_length_35mm: null,
  position: null,
  title: "",
  description: "",
  rating: null,
  keywords: [],
};
const TOWER = { latitude: 35.6585812, longitude: 139.7454333, altitude: null };

it.each([
  [{}, ""],
  [{ exposure_seconds: 0.004, f_number: 2.8, iso: 200, focal_length: 35 }, "1/250 s · f/2.8 · ISO 200 · 35 mm"],
  [{ exposure_seconds: 0.3, f_number: 8 }, "0.3 s · f/8"],
  [{ exposure_seconds: 30, iso: 100 }, "30 s · ISO 100"],
  [{ exposure_seconds: 0 }, "0 s"],
  [{ focal_length: 4.25, focal_length_35mm: 26 }, "4.3 mm (26 mm equivalent)"],
  [{ focal_length: 50, focal_length_35mm: 50 }, "50 mm"],
  [{ focal_length_35mm: 26 }, "26 mm equivalent"],
])("formats %o as %s", (fields, text) => {
  expect(formatExposure({ ...NONE, ...fields })).toBe(text);
});

it("formats a position", () => {
  expect(formatPosition(TOWER)).toBe("35.65858, 139.74543");
  expect(formatPosition({ ...TOWER, altitude: 17.4 })).toBe("35.65858, 139.74543, 17 m");
});

it("links to a map", () => {
  expect(mapLink(TOWER)).toBe("https://www.openstreetmap.org/?mlat=35.65858&mlon=139.74543#map=15/35.65858/139.74543");
});

it.each([
  [4, "4 of 5 stars"],
  [-1, "Rejected"],
])("describes the rating %i as %s", (rating, text) => {
  expect(describeRating(rating)).toBe(text);
});
