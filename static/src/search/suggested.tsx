// Suggested queries as buttons, with their numbers of photos.

import { formatPhotos } from "#messages/formats";
import * as messages from "#messages/results";
import type { QuerySuggestion } from "../schemas";
import { ActionButton } from "../ui/action-button";

interface SuggestedProps {
  readonly suggestions: readonly QuerySuggestion[];
  readonly onChoose: (query: string) => void;
}

/** Return the number of photos; empty if it isn't known. */
function countText(images: number, isExact: boolean): string {
  return images || isExact ? formatPhotos(images, !isExact) : "";
}

/** A list of large buttons. Words of the sentence that no tag is for are below the words of a suggestion. */
export function SuggestedList({ suggestions, onChoose }: SuggestedProps) {
  return (
    <ul class="offers" aria-label={messages.suggestedSearches}>
      {suggestions.map(({ query, text, images, exact, ignored }) => (
        <li key={query}>
          <button type="button" class="button wide offer" onClick={() => onChoose(query)}>
            <span class="offer-text">
              {messages.suggestedQuery(query, text)}
              {ignored.length > 0 && <span class="offer-ignored">{messages.without(ignored)}</span>}
            </span>{" "}
            <span class="offer-count">{countText(images, exact)}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

/** A line of small buttons. */
export function SuggestedLine({ suggestions, onChoose }: SuggestedProps) {
  return (
    <p class="suggested-line">
      {messages.didYouMean}{" "}
      {suggestions.map(({ query, text, images, exact }) => (
        <ActionButton
          key={query}
          label={[messages.suggestedQuery(query, text), countText(images, exact)].filter(Boolean).join(": ")}
          size="small"
          onClick={() => onChoose(query)}
        />
      ))}
    </p>
  );
}
