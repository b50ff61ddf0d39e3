// The text in the search box, which the chips of a query help to write.

import { signal } from "@preact/signals";
import { go } from "../router";

export const SEARCH_INPUT = "search-input";

/** What stands in the box; it becomes a search when it is sent. */
export const draft = signal("");

/** Search; with an empty query, show everything. */
export function search(query: string, how: "push" | "replace" = "push"): void {
  go(query ? `/?q=${encodeURIComponent(query)}` : "/", how);
}

/** Let the person write on: the text in the box, and the caret within it. */
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
