// The saved searches in the side bar.

import { useEffect } from "preact/hooks";
import * as messages from "#messages/pinned";
import { libraryQuery } from "../router";
import { parse, textOf } from "../search/query";
import { savedSearches, watchSaved } from "../search/saved-searches";
import { PinnedLink } from "../ui/pinned-link";

export default function Pinned() {
  useEffect(watchSaved, []);
  const open = textOf(parse(libraryQuery.value) ?? []);
  const pinned = (savedSearches.value?.subscriptions ?? []).filter((search) => search.pinned);
  return (
    pinned.length > 0 && (
      <ul class="pinned" aria-label={messages.savedSearches}>
        {pinned.map(({ id, name, query, matched, cover, fault }) => (
          <li key={id}>
            <PinnedLink
              href={`/?q=${encodeURIComponent(query)}`}
              name={name || query}
              label={messages.pinnedSearch(name || query, matched)}
              cover={cover}
              icon={fault ? "alert" : "search"}
              count={matched}
              isOpen={query === open}
            />
          </li>
        ))}
      </ul>
    )
  );
}
