// Examples of searches, next to the search box.

import * as messages from "#messages/results";
import { ActionButton } from "../ui/action-button";
import { fill } from "../ui/fill";
import "../styles/search-help.css";
import { showShortcuts } from "../ui/shortcuts";
import { SEARCH_INPUT, search } from "./search-text";

const HELP = "search-help";

const EXAMPLES = [
  { query: "dog", finds: messages.helpDog },
  { query: "person>=2", finds: messages.helpTwoPeople },
  { query: "dog, !person", finds: messages.helpNoPerson },
  { query: "cat|dog", finds: messages.helpCatOrDog },
  { query: "stop sign:2..5", finds: messages.helpRange },
  { query: "is:favourite", finds: messages.helpFavourites },
  { query: `taken:${new Date().getFullYear() - 1}`, finds: messages.helpLastYear },
] as const;

export default function SearchHelp() {
  const close = () => document.getElementById(HELP)?.hidePopover();
  const run = (query: string) => {
    close();
    search(query);
  };
  return (
    <>
      <ActionButton
        label={messages.searchHelp}
        icon="help"
        iconSize={18}
        kind="quiet"
        isIconOnly
        popovertarget={HELP}
      />
      <div id={HELP} class="search-help" popover="auto" role="dialog" aria-label={messages.searchHelp}>
        <h2>{messages.searchByWhat}</h2>
        <ul>
          {EXAMPLES.map(({ query, finds }) => (
            <li key={query}>
              <button type="button" class="search-example" onClick={() => run(query)}>
                <code>{query}</code> <span class="muted">{finds}</span>
              </button>
            </li>
          ))}
        </ul>
        <p class="muted">{fill(messages.helpText, <kbd>/</kbd>)}</p>
        <div class="search-help-actions">
          <ActionButton
            label={messages.typeASearch}
            size="small"
            onClick={() => {
              close();
              document.getElementById(SEARCH_INPUT)?.focus();
            }}
          />
          <ActionButton
            label={messages.keyboardShortcuts}
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
