// The parts of a search besides its photos: the query as chips, the number of results, errors, and suggestions.

import { useSignal } from "@preact/signals";
import { formatPhotos } from "#messages/formats";
import * as messages from "#messages/results";
import { monthName } from "../library/days";
import { DensitySwitch } from "../library/density-switch";
import type { Feed } from "../library/feed";
import type { Timeline } from "../library/timeline";
import { FAVOURITES } from "../paths";
import type { QuerySuggestion } from "../schemas";
import { ActionButton } from "../ui/action-button";
import { fill } from "../ui/fill";
import { Icon } from "../ui/icon";
import { lazy } from "../ui/lazy";
import { Empty } from "../ui/notice";
import { OnlyCertain } from "./only-certain";
import { hasTags, parse, splitAt, textOf } from "./query";
import { QueryChips } from "./query-chips";
import { SaveSearch } from "./save-search";
import { search, write } from "./search-text";
import { SuggestedLine, SuggestedList } from "./suggested";
import "../styles/search.css";

const DownloadDialog = lazy(() => import("../download/download-dialog"));

interface SearchHeadProps {
  readonly query: string;
  readonly feed: Feed;
  readonly timeline: Timeline | null;
}

export function SearchHead({ query, feed, timeline }: SearchHeadProps) {
  const parts = parse(query);
  return (
    <div class="search-head">
      <h1 class="hidden-text">{messages.resultsFor(query)}</h1>
      {parts && <QueryChips query={parts} />}
      {parts && hasTags(parts) && <OnlyCertain query={parts} />}
      <p class="search-count" role="status">
        {resultCount(feed, timeline)}
      </p>
      {parts && <SaveSearch query={parts} />}
      {feed.images.value.length > 0 && <DownloadResults query={query} />}
      {feed.images.value.length > 0 && <DensitySwitch />}
      {feed.suggestions.value.length > 0 && feed.images.value.length > 0 && (
        <SuggestedLine suggestions={feed.suggestions.value} onChoose={(other) => search(other)} />
      )}
    </div>
  );
}

function DownloadResults({ query }: { query: string }) {
  const isOpen = useSignal(false);
  return (
    <>
      <ActionButton
        label={messages.downloadResults}
        icon="download"
        kind="quiet"
        isIconOnly
        onClick={() => {
          isOpen.value = true;
        }}
      />
      {isOpen.value && (
        <DownloadDialog
          source={{ query }}
          onClose={() => {
            isOpen.value = false;
          }}
        />
      )}
    </>
  );
}

/** `1 photo`, or `150+ photos` if there are more than were counted. */
function resultCount({ images, status, above }: Feed, timeline: Timeline | null): string {
  const { length } = images.value;
  const isWhole = status.value === "end" && above.value === "end";
  if (status.value === "failed" || (length === 0 && !isWhole)) {
    return "";
  }
  const isMore = !(isWhole || timeline?.isExact);
  return formatPhotos(isWhole ? length : Math.max(length, timeline?.total ?? 0), isMore);
}

/** How far a search for a text has come, and a button to search on. */
export function SearchPause({ feed }: { feed: Feed }) {
  const { searchedUntil, images, suggestions } = feed;
  const until = searchedUntil.value;
  return (
    <div class="search-pause">
      <p role="status">
        {images.value.length === 0 && `${messages.noMatchYet} `}
        {until === null ? messages.searchedBack : messages.searchedBackTo(monthName(until.slice(0, 7)))}
      </p>
      <ActionButton label={messages.continueSearch} icon="search" size="small" onClick={() => void feed.more()} />
      {images.value.length === 0 && suggestions.value.length > 0 && (
        <SuggestedLine suggestions={suggestions.value} onChoose={(other) => search(other)} />
      )}
    </div>
  );
}

interface QueryErrorProps {
  readonly query: string;
  readonly position: number;
  readonly text: string;
  readonly correction: string | null;
}

/** The error of an invalid query, with the position of the wrong character, and the query that is probably meant. */
export function QueryError({ query, position, text, correction }: QueryErrorProps) {
  const [before, wrong, after] = splitAt(query, position);
  return (
    <div class="query-error" role="alert">
      <p class="query-error-text">
        <Icon name="alert" size={18} /> {text}
      </p>
      <p class="query-error-query">
        {before}
        <mark>{wrong || "\u00a0"}</mark>
        {after}
      </p>
      <div class="query-error-actions">
        {correction !== null && (
          <ActionButton
            label={messages.searchFor(correction)}
            kind="primary"
            size="small"
            onClick={() => search(correction)}
          />
        )}
        <ActionButton label={messages.editSearch} size="small" onClick={() => write(query, before.length)} />
      </div>
    </div>
  );
}

function ShowLibrary() {
  return (
    <a class="button" href="/">
      {messages.showWholeLibrary}
    </a>
  );
}

/** The notice of a search without results. It offers other searches with their numbers of results. */
export function NoResults({ query, suggestions }: { query: string; suggestions: readonly QuerySuggestion[] }) {
  const parts = parse(query);
  if (parts && textOf(parts) === FAVOURITES) {
    return (
      <Empty icon="heart" title={messages.noFavourites} actions={<ShowLibrary />}>
        <p>{fill(messages.noFavouritesHint, <kbd>F</kbd>)}</p>
      </Empty>
    );
  }
  const hasTags = parts?.some(({ kind }) => kind === "tags") ?? true;
  const withoutOthers = hasTags ? messages.noPhotoMatchesNorTag : messages.noPhotoMatches;
  return (
    <Empty icon="search" title={messages.noMatchingPhotos} actions={<ShowLibrary />}>
      <p>{fill(suggestions.length > 0 ? messages.noPhotoMatchesButOthers : withoutOthers, <strong>{query}</strong>)}</p>
      {suggestions.length > 0 && <SuggestedList suggestions={suggestions} onChoose={(other) => search(other)} />}
    </Empty>
  );
}
