// The keywords of the query language, as suggestions for the search box. Pure.

import { localDay } from "../library/days";
import type { Typed } from "./query";

export interface Suggestion {
  /** The text that is inserted. */
  readonly name: string;
  /** The explanation on the right. */
  readonly hint: string;
  readonly isTag: boolean;
}

/** Return the keywords with the typed prefix, at the start of a part of the query. */
export function suggestKeywords(text: string, { start, prefix }: Typed, now: Date): readonly Suggestion[] {
  const month = localDay(now).slice(0, 7);
  const keywords = [
    { name: `taken:${month}`, hint: "taken in a month, a year, or on a day", isTag: false },
    { name: `added:${month}`, hint: "uploaded in this month", isTag: false },
    { name: "text:", hint: "in names, titles or descriptions", isTag: false },
    { name: "name:", hint: "in file names", isTag: false },
    { name: "title:", hint: "in titles", isTag: false },
    { name: "camera:", hint: "the camera", isTag: false },
    { name: "lens:", hint: "the lens", isTag: false },
    { name: "undated", hint: "photos without a date", isTag: false },
    { name: "untagged", hint: "photos without tags", isTag: false },
  ];
  const isAtStart = /(^|,)\s*$/.test(text.slice(0, start));
  return isAtStart ? keywords.filter(({ name }) => name.startsWith(prefix.trim().toLowerCase())) : [];
}
