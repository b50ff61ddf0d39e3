// How a photograph's facts are said. Pure.

import type { Detection, TagCount, TagSource } from "../schemas";

const UNITS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_557_600],
  ["month", 2_629_800],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
];

const MOST_CHARACTERS = 64;
const relative = new Intl.RelativeTimeFormat("en-GB", { numeric: "always" });
const moment = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

/** `3 days ago`, or `just now`. */
export function ago(at: string, now = new Date()): string {
  const seconds = (now.getTime() - new Date(at).getTime()) / 1000;
  const [unit, length] = UNITS.find(([, size]) => seconds >= size) ?? [null, 1];
  return unit ? relative.format(-Math.floor(seconds / length), unit) : "just now";
}

/** `22 Nov 2026, 21:42`, in the person's time zone; a time without a zone as the camera's clock showed it. */
export function dateTime(at: string): string {
  return moment.format(new Date(at));
}

export function percent(confidence: number): string {
  return `${Math.round(confidence * 100)}\u00a0%`;
}

/** Where a tag comes from; which model saw it is said once for the photograph, as it is one for all. */
export function sourceOf({ detected, confidence, edited_at: editedAt }: TagSource, now = new Date()): string {
  if (!editedAt) {
    return confidence === null ? "seen" : `seen, ${percent(confidence)} sure`;
  }
  return detected ? `${detected} seen; by hand, ${ago(editedAt, now)}` : `by hand, ${ago(editedAt, now)}`;
}

/** `2.2 MB`; megabytes of a million bytes. */
export function bytes(size: number): string {
  return size < 1_000_000 ? `${Math.max(1, Math.round(size / 1000))} kB` : `${(size / 1_000_000).toFixed(1)} MB`;
}

/** The query that asks for at least these tags. */
export function queryFor(tags: readonly TagCount[]): string {
  return tags.map(({ tag, count }) => (count > 1 ? `${tag}>=${count}` : tag)).join(", ");
}

/** Whether a box is about a tag: labels are folded into tags. */
export function isOf({ label }: Pick<Detection, "label">, tag: string): boolean {
  return folded(label) === tag;
}

/** A tag in the spelling that the API gives it. */
export function folded(text: string): string {
  return text.normalize("NFC").toLowerCase().replace(/\s+/g, " ").trim();
}

/** Why a text cannot be a tag; empty if it can. */
export function tagFault(text: string): string {
  const unfit = /[,|:=<>]/.exec(text)?.[0];
  if (unfit) {
    return `A tag cannot contain the character ${unfit}`;
  }
  if (text.startsWith("!") || text === "untagged") {
    return `A tag cannot be called ${text}`;
  }
  return text.length > MOST_CHARACTERS ? `A tag has at most ${MOST_CHARACTERS} characters.` : "";
}
