// What the search box offers while somebody types: tags with their numbers, and the words of the query language.

import { get } from "../api";
import { pause } from "../http";
import { type Suggestion, wordsFor } from "./keywords";
import { type Typed, typedAt } from "./query";

const MOST_TAGS = 8;
const DEBOUNCE_MS = 120;

/** What fits to what is being typed at the caret; nothing behind an operator. */
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
  const named = tags.slice(0, MOST_TAGS).map(({ tag, images }) => ({
    name: tag,
    hint: images === 1 ? "1 photograph" : `${images.toLocaleString("en-GB")} photographs`,
    isTag: true,
  }));
  return { typed, suggestions: [...named, ...wordsFor(text, typed, new Date())] };
}
