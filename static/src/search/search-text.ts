// The text in the search box, which chips can change too.

import { signal } from "@preact/signals";
import { go } from "../router";

export const SEARCH_INPUT = "search-input";

/** The text in the box; submitting it starts a search. */
export const draft = signal("");

/** Search for a query; an empty one shows the whole library. */
export function search(query: string, how: "push" | "replace" = "push"): void {
  go(query ? `/?q=${encodeURIComponent(query)}` : "/", how);
}

/** Put a text and the caret into the box, and focus it, so that the person can continue typing. */
export function write(text: string, caret = text.length): void {
  draft.value = text;
  const input = document.getElementById(SEARCH_INPUT) as HTMLInputElement | null;
  if (input) {
    input.value = text;
    input.focus();
    input.setSelectionRange(caret, caret);
    input.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }
}
