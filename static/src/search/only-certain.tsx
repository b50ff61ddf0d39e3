// The checkbox beside the results that counts only certain objects, for all tags of the query.

import { isCertain, type Query, textOf, withCertain } from "./query";
import { search } from "./search-text";

export function OnlyCertain({ query }: { query: Query }) {
  const checked = isCertain(query);
  return (
    <label class="only-certain" title="Count only what someone has checked, and what PixTag is sure about">
      <input type="checkbox" checked={checked} onChange={() => search(textOf(withCertain(query, !checked)))} />
      Only certain
    </label>
  );
}
