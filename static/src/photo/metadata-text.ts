// The metadata of a photo as text. Pure.

import * as messages from "#messages/photo";
import type { ImageMetadata } from "../schemas";

/** `1/250 s · f/2.8 · ISO 200 · 35 mm`, without unknown parts. */
export function formatExposure(metadata: ImageMetadata): string {
  const { exposure_seconds: seconds, f_number: aperture, iso } = metadata;
  return [
    seconds === null ? "" : `${formatSeconds(seconds)} s`,
    aperture === null ? "" : `f/${round(aperture)}`,
    iso === null ? "" : messages.iso(iso),
    formatFocalLength(metadata),
  ]
    .filter(Boolean)
    .join(" · ");
}

/** `35 mm`, or `4.3 mm (26 mm equivalent)`: the focal length on 35 mm film. */
function formatFocalLength({ focal_length: length, focal_length_35mm: film }: ImageMetadata): string {
  if (length === null) {
    return film === null ? "" : messages.mmEquivalent(round(film));
  }
  return film === null || film === length
    ? `${round(length)} mm`
    : messages.mmWithEquivalent(round(length), round(film));
}

/** `1/250` of times below 0.3 s, as cameras show them, and `2.5`. */
function formatSeconds(seconds: number): string {
  return seconds > 0 && seconds < 0.3 ? `1/${Math.round(1 / seconds)}` : round(seconds);
}

/** `35.65858, 139.74543, 17 m`: a metre is the fifth decimal. */
export function formatPosition({ latitude, longitude, altitude }: NonNullable<ImageMetadata["position"]>): string {
  const place = `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`;
  return altitude === null ? place : `${place}, ${Math.round(altitude)} m`;
}

/** The page of a map that shows a place. */
export function mapLink({ latitude, longitude }: NonNullable<ImageMetadata["position"]>): string {
  const [north, east] = [latitude.toFixed(5), longitude.toFixed(5)];
  return `https://www.openstreetmap.org/?mlat=${north}&mlon=${east}#map=15/${north}/${east}`;
}

/** `4 of 5 stars`, `Rejected`. */
export function describeRating(rating: number): string {
  return rating < 0 ? messages.rejected : messages.stars(rating);
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10);
}
