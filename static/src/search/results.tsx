// The parts of a search besides its photos: the query as chips, the number of results, errors, and less strict searches.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { get } from "../api";
import { formatPhotos } from "../formats";
import type { Feed } from "../library/feed";
import type { Timeline } from "../library/timeline";
import { ActionButton } from "../ui/action-button";
import { Icon } from "../ui/icon";
import { Empty } from "../ui/notice";
import { type Loosening, loosen, parse, splitAt, textOf } from "./query";
import { QueryChips } from "./query-chips";
import { search, write } from "./search-text";
import "../styles/search.css";

const MAX_OFFERS = 8;
const MAX_COUNTED = 100;
const MAX_PAGES = 3;
const NONE = "0 photos";

interface SearchHeadProps {
  readonly query: string;
  readonly feed: Feed;
  readonly timeline: Timeline | null;
}

export function SearchHead({ query, feed, timeline }: SearchHeadProps) {
  const parts = parse(query);
  return (
    <div class="search-head">
      <h1 class="hidden-text">Results for {query}</h1>
      {parts && <QueryChips query={parts} />}
      <p class="search-count" role="status">
        {resultCount(feed, timeline)}
      </p>
    </div>
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
            label={`Search for ${correction}`}
            kind="primary"
            size="small"
            onClick={() => search(correction)}
          />
        )}
        <ActionButton label="Edit search" size="small" onClick={() => write(query, before.length)} />
      </div>
    </div>
  );
}

interface Offer extends Loosening {
  /** The number of its results; null while it is being counted. */
  readonly count: string | null;
}

/** The notice of a search without results. It offers less strict searches with their numbers of results. */
export function NoResults({ query }: { query: string }) {
  const offers = useSignal<readonly Offer[]>([]);
  useEffect(() => {
    const ended = new AbortController();
    const parts = parse(query);
    offers.value = (parts ? loosen(parts) : [])
      .slice(0, MAX_OFFERS)
      .map((loosening) => ({ ...loosening, count: null }));
    offers.value.forEach((offer, index) => {
      count(textOf(offer.query), ended.signal).then(
        (counted) => {
          offers.value = offers.value.map((other, at) => (at === index ? { ...other, count: counted } : other));
        },
        () => {},
      );
    });
    return () => ended.abort();
  }, [query, offers]);
  const isUseful = offers.value.some((offer) => offer.count !== NONE);
  return (
    <Empty
      icon="search"
      title="No matching photos"
      actions={
        <a class="button" href="/">
          Show whole library
        </a>
      }
    >
      <p>
        No photo matches <strong>{query}</strong>.{isUseful && " Try a less strict search:"}
        {offers.value.length > 0 && !isUseful && " Removing a single term doesn't help."}
      </p>
      {isUseful && (
        <ul class="offers">
          {offers.value.map((offer) => (
            <li key={offer.description}>
              <button
                type="button"
                class="button wide offer"
                disabled={offer.count === NONE}
                onClick={() => search(textOf(offer.query))}
              >
                <span>{offer.description}</span>
                <span class="offer-count">{offer.count ?? <span class="spinner" />}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </Empty>
  );
}

/** Count the results of a query on its first few pages. */
async function count(query: string, signal: AbortSignal): Promise<string> {
  let cursor: string | null = null;
  let sum = 0;
  for (let page = 0; page < MAX_PAGES && sum < MAX_COUNTED; page += 1) {
    const response: Awaited<ReturnType<typeof readPage>> = await readPage(query, cursor, signal);
    sum += response.images.length;
    cursor = response.next;
    if (cursor === null) {
      return formatPhotos(sum);
    }
  }
  return formatPhotos(sum, true);
}

function readPage(query: string, cursor: string | null, signal: AbortSignal) {
  return get("/search", { query: { q: query, limit: MAX_COUNTED, ...(cursor !== null && { cursor }) }, signal });
}
