// Suggestions of the search box: tags with their numbers of photos, and keywords of the query language.

import { get } from "../api";
import { formatPhotos } from "../formats";
import { pause } from "../http";
import { type Suggestion, suggestKeywords } from "./keywords";
import { type Typed, typedAt } from "./query";
import { writeName } from "./terms";

const MAX_TAGS = 8;
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
  const named = tags.slice(0, MAX_TAGS).map(({ tag, images }) => ({
    name: writeName(tag),
    hint: formatPhotos(images),
    isTag: true,
  }));
  return { typed, suggestions: [...named, ...suggestKeywords(text, typed, new Date())] };
}
