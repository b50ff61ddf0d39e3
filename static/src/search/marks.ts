// Terms of a query about marks: `is:favourite`. Pure. They follow the API's parser.

/** The hidden tag of favourites. No tag has this name, because it begins with an operator of the query language. */
export const FAVOURITE = ":favourite";

const MARK_TERM = /^\s*(!|-(?=[^\s-]))?\s*is\s*:(.*)$/isu;
const VALUE = /^favou?rite$/i;

/** Return the sign of a term about a mark, and the mark. Returns undefined if it is no such term, null if it is wrong. */
export function markOf(text: string): { readonly mark: string; readonly negated: boolean } | null | undefined {
  const [matched, sign, value = ""] = MARK_TERM.exec(text) ?? [];
  if (matched === undefined) {
    return undefined;
  }
  return VALUE.test(value.trim()) ? { mark: FAVOURITE, negated: sign !== undefined } : null;
}

export function isMark(tag: string): boolean {
  return tag.startsWith(":");
}

/** Return a mark as a query contains it. */
export function markText(mark: string): string {
  return `is${mark}`;
}
