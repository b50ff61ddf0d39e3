// The keywords of the query language, as suggestions for the search box. Pure.

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
  const today = now.toISOString().slice(0, 10);
  const keywords = [
    { name: `after:${today}`, hint: "added on or after this day", isTag: false },
    { name: `before:${today}`, hint: "added before this day", isTag: false },
    { name: "untagged", hint: "photos without tags", isTag: false },
  ];
  const isAtStart = /(^|,)\s*$/.test(text.slice(0, start));
  return isAtStart ? keywords.filter(({ name }) => name.startsWith(prefix.trim().toLowerCase())) : [];
}
