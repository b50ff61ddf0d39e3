// Tells whether a query only asks for tags, so that it can be shown as tags. Pure.

import type { TagCount } from "../schemas";
import { parse } from "../search/query";

/** Return the tags of a query for photos with at least these tags; null for other queries. */
export function simpleTags(text: string): readonly TagCount[] | null {
  const tags: TagCount[] = [];
  for (const part of parse(text) ?? []) {
    const [term, other] = part.kind === "tags" ? part.terms : [];
    if (!term || other || term.negated || term.certain || term.maxCount !== null) {
      return null;
    }
    tags.push({ tag: term.tag, count: term.minCount });
  }
  return tags.length > 0 ? tags : null;
}
