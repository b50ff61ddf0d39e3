// Terms of a query about marks: `is:favourite`, `album:"At the sea"`. Pure. They follow the API's parser.

/** The hidden tag of favourites. No tag has this name, because it begins with an operator of the query language. */
export const FAVOURITE = ":favourite";

const MARK_TERM = /^\s*(!|-(?=[^\s-]))?\s*is\s*:(.*)$/isu;
const VALUE = /^favou?rite$/i;

const ALBUM_TERM = /^\s*(!|-(?=[^\s-]))?\s*album\s*:(.*)$/isu;
const QUOTED = /^"((?:[^"]|"")*)"$/u;
const ID = /^[0-7][0-9a-hjkmnp-tv-z]{25}$/;

/** The name of a condition on an album, and the colon after it. */
export const ALBUM_START = /\s*album\s*:\s*/iuy;

/** Return the sign of a term about a mark, and the mark. Returns undefined if it is no such term, null if it is wrong. */
export function markOf(text: string): { readonly mark: string; readonly negated: boolean } | null | undefined {
  const [album, albumSign, title = ""] = ALBUM_TERM.exec(text) ?? [];
  if (album !== undefined) {
    const mark = albumMarkOf(title.trim());
    return mark === null ? null : { mark, negated: albumSign !== undefined };
  }
  const [matched, sign, value = ""] = MARK_TERM.exec(text) ?? [];
  if (matched === undefined) {
    return undefined;
  }
  return VALUE.test(value.trim()) ? { mark: FAVOURITE, negated: sign !== undefined } : null;
}

/** Return the mark of the album with a title, or with an id in place of the title. */
function albumMarkOf(value: string): string | null {
  const quoted = QUOTED.exec(value)?.[1]?.replaceAll('""', '"');
  const title = (quoted ?? value)
    .split(/\p{White_Space}+/u)
    .filter(Boolean)
    .join(" ");
  if (!title || (quoted === undefined && /[|"()]/.test(value))) {
    return null;
  }
  return ID.test(title.toLowerCase()) ? `:album ${title.toLowerCase()}` : `:title ${title}`;
}

export function isMark(tag: string): boolean {
  return tag.startsWith(":");
}

/** Return a mark as a query contains it. */
export function markText(mark: string): string {
  const title = /^:(?:album|title) (.*)$/su.exec(mark)?.[1];
  return title === undefined ? `is${mark}` : `album:"${title.replaceAll('"', '""')}"`;
}
