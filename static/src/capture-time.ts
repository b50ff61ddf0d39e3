// Capture times as text. They show the clock of the place, so they are never converted to another time zone. Pure.

import * as messages from "#messages/dates";
import { LOCALE } from "./language";
import type { TimeSource } from "./schemas";

const OFFSET = /[+-]\d\d:\d\d$/;
const PARTS = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d)[\d:.]*([+-][\d:]+)?)?$/;

const SOURCES: Readonly<Record<TimeSource, string>> = {
  person: messages.setByYou,
  sidecar: messages.fromImport,
  exif: messages.fromCamera,
  xmp: messages.fromXmp,
  iptc: messages.fromIptc,
  png: messages.fromPngText,
  gps: messages.fromGps,
  file: messages.fromFileDate,
  name: messages.fromFileName,
  upload: messages.timeOfUpload,
};

/** `28 Jul 2019, 01:03 +09:00`, without the offset if it is unknown, or only the date, as people write it there. */
export function formatCaptureTime(at: string, source: TimeSource, locales: Intl.LocalesArgument = LOCALE): string {
  const isUtc = source === "gps" || source === "upload";
  return isUtc ? messages.inUtc(formatTakenAt(at.replace(OFFSET, ""), locales)) : formatTakenAt(at, locales);
}

/** Format a capture time whose source doesn't matter. */
export function formatTakenAt(at: string, locales: Intl.LocalesArgument = LOCALE): string {
  const [, date, time, offset = ""] = PARTS.exec(at) ?? [];
  const format = new Intl.DateTimeFormat(locales, {
    dateStyle: "medium",
    ...(time && { timeStyle: "short" }),
    timeZone: "UTC", // the moment below is the clock of the place, as if it were UTC
  });
  return `${format.format(new Date(`${date}T${time ?? "00:00"}Z`))} ${offset}`.trim();
}

/** `from the camera`. */
export function describeTimeSource(source: TimeSource): string {
  return SOURCES[source];
}
