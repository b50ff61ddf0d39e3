// Examples of searches, next to the search box.

import { ActionButton } from "../ui/action-button";
import "../styles/search-help.css";
import { showShortcuts } from "../ui/shortcuts";
import { SEARCH_INPUT, search } from "./search-text";

const HELP = "search-help";

const EXAMPLES = [
  { query: "dog", finds: "photos with a dog" },
  { query: "person>=2", finds: "two or more people" },
  { query: "dog, !person", finds: "a dog and no person" },
  { query: "cat|dog", finds: "a cat or a dog" },
  { query: "stop sign:2..5", finds: "two to five stop signs" },
  { query: `taken:${new Date().getFullYear() - 1}`, finds: "photos of last year" },
] as const;

export default function SearchHelp() {
  const close = () => document.getElementById(HELP)?.hidePopover();
  const run = (query: string) => {
    close();
    search(query);
  };
  return (
    <>
      <ActionButton label="Search help" icon="help" iconSize={18} kind="quiet" isIconOnly popovertarget={HELP} />
      <div id={HELP} class="search-help" popover="auto" role="dialog" aria-label="Search help">
        <h2>Search by what is in your photos</h2>
        <ul>
          {EXAMPLES.map(({ query, finds }) => (
            <li key={query}>
              <button type="button" class="search-example" onClick={() => run(query)}>
                <code>{query}</code> <span class="muted">{finds}</span>
              </button>
            </li>
          ))}
        </ul>
        <p class="muted">
          A comma means “and”. While you type, the box suggests your tags. Press <kbd>/</kbd> to search from anywhere.
        </p>
        <div class="search-help-actions">
          <ActionButton
            label="Type a search"
            size="small"
            onClick={() => {
              close();
              document.getElementById(SEARCH_INPUT)?.focus();
            }}
          />
          <ActionButton
            label="Keyboard shortcuts"
            icon="keyboard"
            kind="quiet"
            size="small"
            onClick={() => {
              close();
              showShortcuts();
            }}
          />
        </div>
      </div>
    </>
  );
}
