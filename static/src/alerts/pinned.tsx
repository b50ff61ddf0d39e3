// The saved searches in the side bar.

import { useEffect } from "preact/hooks";
import * as messages from "#messages/pinned";
import { formatNumber } from "../formats";
import { libraryQuery } from "../router";
import type { SubscriptionResponse } from "../schemas";
import { parse, textOf } from "../search/query";
import { savedSearches, watchSaved } from "../search/saved-searches";
import { Cover } from "./cover";
import "../styles/pinned.css";

export default function Pinned() {
  useEffect(watchSaved, []);
  const open = textOf(parse(libraryQuery.value) ?? []);
  const pinned = (savedSearches.value?.subscriptions ?? []).filter((search) => search.pinned);
  return (
    pinned.length > 0 && (
      <ul class="pinned" aria-label={messages.savedSearches}>
        {pinned.map((search) => (
          <li key={search.id}>
            <PinnedLink search={search} isOpen={search.query === open} />
          </li>
        ))}
      </ul>
    )
  );
}

interface PinnedProps {
  readonly search: SubscriptionResponse;
  readonly isOpen: boolean;
}

function PinnedLink({ search, search: { query, matched }, isOpen }: PinnedProps) {
  const name = search.name || query;
  return (
    <a
      class="pinned-link"
      href={`/?q=${encodeURIComponent(query)}`}
      title={name}
      aria-label={messages.pinnedSearch(name, matched)}
      aria-current={isOpen ? "true" : undefined}
    >
      <Cover search={search} />
      <span class="pinned-name" dir="auto">
        {name}
      </span>
      {matched !== null && <span class="pinned-count">{formatNumber(matched)}</span>}
    </a>
  );
}
