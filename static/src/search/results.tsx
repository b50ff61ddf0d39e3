// What a search says beside its pictures: the query as chips and the number found, where it cannot be read, and what
// to leave out when nothing matches.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { get } from "../api";
import type { Feed } from "../library/feed";
import { Icon } from "../ui/icon";
import { Empty } from "../ui/notice";
import { around, type Loosening, loosened, parse, textOf } from "./query";
import { Chips } from "./query-chips";
import { search, write } from "./search-text";
import "../styles/search.css";

const MOST_OFFERS = 8;
const MOST_COUNTED = 100;
const PAGES = 3;
const NONE = "0 photographs";

export function SearchHead({ query, feed }: { query: string; feed: Feed }) {
  const parts = parse(query);
  return (
    <div class="search-head">
      <h1 class="hidden-text">Results for {query}</h1>
      {parts && <Chips query={parts} />}
      <p class="search-count" role="status">
        {found(feed)}
      </p>
    </div>
  );
}

/** `1 photograph`, or as many as are known so far: `150+ photographs`. */
function found({ images, status }: Feed): string {
  const { length } = images.value;
  if (status.value === "failed" || (length === 0 && status.value !== "end")) {
    return "";
  }
  return inWords(length, status.value !== "end");
}

function inWords(count: number, isMore: boolean): string {
  const plus = isMore ? "+" : "";
  return count === 1 && !isMore ? "1 photograph" : `${count.toLocaleString("en-GB")}${plus} photographs`;
}

/** A query that is not of the language: what is wrong, and where. */
export function Misread({ query, position, text }: { query: string; position: number; text: string }) {
  const [before, fault, after] = around(query, position);
  return (
    <div class="misread" role="alert">
      <p class="misread-text">
        <Icon name="alert" size={18} /> {text}
      </p>
      <p class="misread-query">
        {before}
        <mark>{fault || "\u00a0"}</mark>
        {after}
      </p>
      <button type="button" class="button small" onClick={() => write(query, before.length)}>
        Correct it
      </button>
    </div>
  );
}

interface Offer extends Loosening {
  /** How many it finds; null while that is not known. */
  readonly count: string | null;
}

/** Nothing matches: each clause that could be left out, with what that would find. */
export function NothingFound({ query }: { query: string }) {
  const offers = useSignal<readonly Offer[]>([]);
  useEffect(() => {
    const ended = new AbortController();
    const parts = parse(query);
    offers.value = (parts ? loosened(parts) : []).slice(0, MOST_OFFERS).map((one) => ({ ...one, count: null }));
    offers.value.forEach((offer, index) => {
      count(textOf(offer.query), ended.signal).then(
        (known) => {
          offers.value = offers.value.map((one, at) => (at === index ? { ...one, count: known } : one));
        },
        () => {},
      );
    });
    return () => ended.abort();
  }, [query, offers]);
  const isOfUse = offers.value.some(({ count: known }) => known !== NONE);
  return (
    <Empty
      icon="search"
      title="Nothing matches"
      actions={
        <a class="button" href="/">
          Show everything
        </a>
      }
    >
      <p>
        No photograph has <strong>{query}</strong>.{isOfUse && " Ask for less:"}
        {offers.value.length > 0 && !isOfUse && " To leave out one part of it is not enough."}
      </p>
      {isOfUse && (
        <ul class="offers">
          {offers.value.map((offer) => (
            <li key={offer.words}>
              <button
                type="button"
                class="button wide offer"
                disabled={offer.count === NONE}
                onClick={() => search(textOf(offer.query))}
              >
                <span>{offer.words}</span>
                <span class="offer-count">{offer.count ?? <span class="spinner" />}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </Empty>
  );
}

/** How many a query finds, as far as a few pages tell. */
async function count(query: string, signal: AbortSignal): Promise<string> {
  let cursor: string | null = null;
  let sum = 0;
  for (let page = 0; page < PAGES && sum < MOST_COUNTED; page += 1) {
    const answer: Awaited<ReturnType<typeof readPage>> = await readPage(query, cursor, signal);
    sum += answer.images.length;
    cursor = answer.next;
    if (cursor === null) {
      return inWords(sum, false);
    }
  }
  return inWords(sum, true);
}

function readPage(query: string, cursor: string | null, signal: AbortSignal) {
  return get("/search", { query: { q: query, limit: MOST_COUNTED, ...(cursor !== null && { cursor }) }, signal });
}
