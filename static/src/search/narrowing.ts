// Narrows a query with a facet of its result: a tag, a count of a tag, or a year. Pure. The results are null if the query
// would be too long.

import { isMark } from "./marks";
import { type Part, parse, type Query, textOf } from "./query";
import { type Term, writeName } from "./terms";

/** Return the first tag that each match has; null if there is none. */
export function firstTag(query: Query): string | null {
  return query.map(requiredTerm).find((term) => term !== null)?.tag ?? null;
}

function requiredTerm(part: Part): Term | null {
  const [term, ...others] = part.kind === "tags" ? part.terms : [];
  const isRequired = term && others.length === 0 && !term.negated && term.minCount > 0 && !isMark(term.tag);
  return isRequired ? term : null;
}

/** Return the query for photos with a tag, or for those without it. */
export function withTag(query: Query, tag: string, isExcluded: boolean): string | null {
  return add(query, `${isExcluded ? "!" : ""}${writeName(tag)}`);
}

/** Return the query for photos with exactly this count of a tag that the query requires. */
export function withCountOf(query: Query, tag: string, count: number): string {
  return textOf(
    query.map((part) => {
      const term = requiredTerm(part);
      const isCounted = term?.tag === tag;
      return isCounted ? { kind: "tags", terms: [{ ...term, minCount: count, maxCount: count }] } : part;
    }),
  );
}

/** Return the query for photos of a year. */
export function withYear(query: Query, year: number): string | null {
  return add(
    query.filter(({ kind }) => kind !== "taken"),
    `taken:${year}`,
  );
}

function add(query: Query, part: string): string | null {
  const narrowed = parse([textOf(query), part].filter(Boolean).join(", "));
  return narrowed && textOf(narrowed);
}
