// The checkbox beside the results that counts only certain objects, for all tags of the query.

import * as messages from "#messages/results";
import { isCertain, type Query, textOf, withCertain } from "./query";
import { search } from "./search-text";

export function OnlyCertain({ query }: { query: Query }) {
  const checked = isCertain(query);
  return (
    <label class="only-certain" title={messages.onlyCertainHint}>
      <input type="checkbox" checked={checked} onChange={() => search(textOf(withCertain(query, !checked)))} />
      {messages.onlyCertain}
    </label>
  );
}
