// The words of the query language that the search box offers. Pure.

import type { Typed } from "./query";

export interface Suggestion {
  /** What it puts into the box. */
  readonly name: string;
  /** What is said beside it. */
  readonly hint: string;
  readonly isTag: boolean;
}

/** The words that fit, where a part of the query begins. */
export function wordsFor(text: string, { start, prefix }: Typed, now: Date): readonly Suggestion[] {
  const today = now.toISOString().slice(0, 10);
  const words = [
    { name: `after:${today}`, hint: "since that day", isTag: false },
    { name: `before:${today}`, hint: "before that day", isTag: false },
    { name: "untagged", hint: "without any tag", isTag: false },
  ];
  const isAtStart = /(^|,)\s*$/.test(text.slice(0, start));
  return isAtStart ? words.filter(({ name }) => name.startsWith(prefix.trim().toLowerCase())) : [];
}
