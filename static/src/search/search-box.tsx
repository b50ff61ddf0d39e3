// The search box: a query with suggestions. The current query is in the address bar.

import { useSignal, useSignalEffect } from "@preact/signals";
import { useRef } from "preact/hooks";
import * as messages from "#messages/search";
import { libraryQuery, underneath } from "../router";
import { ActionButton } from "../ui/action-button";
import { Icon } from "../ui/icon";
import { lazy } from "../ui/lazy";
import { useShortcuts } from "../ui/shortcuts";
import { isTyping } from "./facets";
import type { Suggestion } from "./keywords";
import { complete, parse, type Typed } from "./query";
import { draft, SEARCH_INPUT, search } from "./search-text";
import { suggest } from "./suggestions";

const SearchHelp = lazy(() => import("./search-help"));
const LIST = "search-suggestions";

export function SearchBox() {
  const ref = useRef<HTMLInputElement>(null);
  const { suggestions, active, update, close, choose, onKeyDown } = useSuggestions();
  useSignalEffect(() => {
    void underneath.value; // text that wasn't sent doesn't stay on another screen
    draft.value = libraryQuery.value;
  });
  useShortcuts([{ key: "/", run: () => ref.current?.focus() }]);
  const isOpen = suggestions.value.length > 0;
  return (
    <search class="search">
      <form
        class={isOpen ? "search-form open" : "search-form"}
        onSubmit={(event) => {
          event.preventDefault();
          search(draft.value.trim());
          ref.current?.blur();
        }}
      >
        <Icon name="search" />
        <input
          ref={ref}
          id={SEARCH_INPUT}
          class="search-input"
          type="text"
          inputMode="search"
          enterkeyhint="search"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          role="combobox"
          aria-label={messages.searchPhotos}
          aria-autocomplete="list"
          aria-expanded={isOpen}
          aria-controls={LIST}
          aria-activedescendant={active.value < 0 ? undefined : `${LIST}-${active.value}`}
          placeholder={messages.searchPlaceholder}
          value={draft.value}
          onInput={({ currentTarget }) => {
            draft.value = currentTarget.value;
            update(currentTarget);
          }}
          onFocus={({ currentTarget }) => {
            isTyping.value = true;
            update(currentTarget);
          }}
          onBlur={() => {
            isTyping.value = false;
            close();
          }}
          onKeyDown={onKeyDown}
        />
        {draft.value && (
          <ActionButton
            label={messages.clearSearch}
            icon="close"
            iconSize={18}
            kind="quiet"
            isIconOnly
            onClick={() => {
              draft.value = "";
              search("");
            }}
          />
        )}
        <SearchHelp />
      </form>
      <Suggestions suggestions={suggestions.value} active={active.value} onChoose={choose} />
    </search>
  );
}

interface SuggestionsProps {
  readonly suggestions: readonly Suggestion[];
  readonly active: number;
  readonly onChoose: (suggestion: Suggestion) => void;
}

function Suggestions({ suggestions, active, onChoose }: SuggestionsProps) {
  return (
    <div
      id={LIST}
      class="suggestions"
      role="listbox"
      aria-label={messages.suggestions}
      hidden={suggestions.length === 0}
    >
      {suggestions.map((suggestion, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the box keeps the focus and handles the keys
        // biome-ignore lint/a11y/useFocusableInteractive: the box keeps the focus
        <div
          key={suggestion.name}
          id={`${LIST}-${index}`}
          class="suggestion"
          role="option"
          aria-selected={index === active}
          onPointerDown={(event) => event.preventDefault()}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onChoose(suggestion)}
        >
          <Icon name={suggestion.isTag ? "tag" : "search"} size={18} />
          <span class="suggestion-name">{suggestion.name}</span> <span class="suggestion-hint">{suggestion.hint}</span>
        </div>
      ))}
    </div>
  );
}

/** The suggestions for the tag at the caret, and the keys that choose one. */
function useSuggestions() {
  const suggestions = useSignal<readonly Suggestion[]>([]);
  const active = useSignal(-1);
  const typed = useSignal<Typed | null>(null);
  const request = useRef<AbortController | null>(null);

  const close = () => {
    request.current?.abort();
    suggestions.value = [];
    active.value = -1;
  };
  const update = async (input: HTMLInputElement) => {
    request.current?.abort();
    const ended = new AbortController();
    request.current = ended;
    const response = await suggest(input.value, input.selectionStart ?? 0, ended.signal).catch(() => null);
    if (!ended.signal.aborted) {
      typed.value = response?.typed ?? null;
      suggestions.value = response?.suggestions ?? [];
      active.value = -1;
    }
  };
  const insert = ({ name }: Suggestion): string => {
    draft.value = typed.value ? complete(draft.value, typed.value, name).text : draft.value;
    close();
    return draft.value;
  };
  // A complete query is searched for at once. The chips help to refine it.
  const choose = (suggestion: Suggestion) => {
    const text = insert(suggestion);
    if (parse(text)) {
      search(text.trim());
      document.getElementById(SEARCH_INPUT)?.blur();
    }
  };
  const move = (input: HTMLInputElement, step: number) => {
    const { length } = suggestions.value;
    if (length === 0) {
      void update(input);
      return;
    }
    active.value = ((active.value + 1 + step + length + 1) % (length + 1)) - 1; // -1 is the box itself
    document.getElementById(`${LIST}-${active.value}`)?.scrollIntoView({ block: "nearest" });
  };
  const onKeyDown = (event: KeyboardEvent & { readonly currentTarget: HTMLInputElement }) => {
    const chosen = suggestions.value[active.value];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      move(event.currentTarget, step);
    } else if (event.key === "Enter" && chosen) {
      event.preventDefault();
      choose(chosen);
    } else if (event.key === "Tab" && chosen) {
      event.preventDefault();
      insert(chosen);
    } else if (event.key === "Escape" && suggestions.value.length > 0) {
      close();
    } else if (event.key === "Escape") {
      event.currentTarget.blur();
    }
  };
  return { suggestions, active, update: (input: HTMLInputElement) => void update(input), close, choose, onKeyDown };
}
