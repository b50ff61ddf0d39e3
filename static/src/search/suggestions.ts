// Suggestions of the search box: tags with their numbers of photos, and keywords of the query language.

import { formatPhotos } from "#messages/formats";
import * as messages from "#messages/search";
import { get } from "../api";
import { pause } from "../http";
import { albums } from "../library/albums";
import { normalize } from "../library/tag-names";
import { libraryQuery } from "../router";
import type { AlbumResponse, Facets, TagTotal } from "../schemas";
import { currentFacets } from "./facets";
import { type Suggestion, suggestKeywords } from "./keywords";
import { markText } from "./marks";
import { parse, type Typed, textOf, typedAt } from "./query";
import { writeName } from "./terms";

const MAX_TAGS = 8;
const MAX_ALBUMS = 3;
const DEBOUNCE_MS = 120;

/** Return suggestions for the tag at the caret; null after an operator. */
export async function suggest(
  text: string,
  caret: number,
  signal: AbortSignal,
): Promise<{ readonly typed: Typed; readonly suggestions: readonly Suggestion[] } | null> {
  const typed = typedAt(text, caret);
  if (!typed) {
    return null;
  }
  await pause(DEBOUNCE_MS, signal);
  const { tags } = await get("/tags", { query: { prefix: typed.prefix.slice(0, 64) }, signal });
  const facets = isAddition(text, typed, libraryQuery.value) ? currentFacets.value : null;
  const named = suggestTags(tags, facets).slice(0, MAX_TAGS);
  const inAlbums = suggestAlbums(albums.value ?? [], typed.prefix);
  return { typed, suggestions: [...named, ...inAlbums, ...suggestKeywords(text, typed, new Date())] };
}

/** Return the albums with a word that starts with a text. */
export function suggestAlbums(all: readonly AlbumResponse[], prefix: string): readonly Suggestion[] {
  const wanted = normalize(prefix);
  const matches = ({ title }: AlbumResponse) => ` ${normalize(title)}`.includes(` ${wanted}`);
  return (wanted ? all.filter(matches) : []).slice(0, MAX_ALBUMS).map(({ title, images }) => ({
    name: markText(`:title ${title}`),
    hint: formatPhotos(images),
    isTag: false,
  }));
}

/** Return whether a text is a query with the start of another tag after it, which narrows the result. */
export function isAddition(text: string, { start, end }: Typed, query: string): boolean {
  const [before, parts] = [/^(.*),\s*$/su.exec(text.slice(0, start))?.[1], parse(query)];
  const earlier = before === undefined ? null : parse(before);
  return Boolean(earlier && parts && textOf(earlier) === textOf(parts) && text.slice(end).trim() === "");
}

/** Return tags with their numbers of photos. Those in the result of a search come first, with their numbers there. */
export function suggestTags(totals: readonly TagTotal[], facets: Facets | null): readonly Suggestion[] {
  const numbers = new Map(facets?.tags.map(({ tag, images }) => [tag, images]));
  const numberOf = ({ tag }: TagTotal) => numbers.get(tag) ?? 0;
  return totals
    .toSorted((a, b) => numberOf(b) - numberOf(a))
    .map((total) => ({
      name: writeName(total.tag),
      hint: numberOf(total) ? messages.ofThesePhotos(numberOf(total), !facets?.exact) : formatPhotos(total.images),
      isTag: true,
    }));
}
