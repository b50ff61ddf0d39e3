// The keywords of the query language, as suggestions for the search box. Pure.

import * as messages from "#messages/search";
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
export function suggestKeywords(text: string, typed: Typed, now: Date): readonly Suggestion[] {
  const month = localDay(now).slice(0, 7);
  const keywords = [
    { name: `taken:${month}`, hint: messages.keywordTaken, isTag: false },
    { name: `added:${month}`, hint: messages.keywordAdded, isTag: false },
    { name: "is:favourite", hint: messages.keywordFavourite, isTag: false },
    { name: "text:", hint: messages.keywordText, isTag: false },
    { name: "name:", hint: messages.keywordFile, isTag: false },
    { name: "title:", hint: messages.keywordTitle, isTag: false },
    { name: "camera:", hint: messages.keywordCamera, isTag: false },
    { name: "lens:", hint: messages.keywordLens, isTag: false },
    { name: "undated", hint: messages.keywordNoDate, isTag: false },
    { name: "untagged", hint: messages.keywordUntagged, isTag: false },
  ];
  const isAtStart = /(^|,)\s*$/.test(text.slice(0, typed.start));
  const start = typed.prefix.trim().toLowerCase();
  const begins = ({ name }: Suggestion) => name.startsWith(start) || (start !== "" && name.startsWith(`is:${start}`));
  return isAtStart ? keywords.filter(begins) : [];
}
