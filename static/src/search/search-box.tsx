// The search box: a query in the query language, completed while it is typed; what is searched for is in the address.

import { useSignal, useSignalEffect } from "@preact/signals";
import { useRef } from "preact/hooks";
import { libraryQuery } from "../router";
import { Icon } from "../ui/icon";
import { useShortcuts } from "../ui/shortcuts";
import type { Suggestion } from "./keywords";
import { completed, parse, type Typed } from "./query";
import { draft, SEARCH_INPUT, search } from "./search-text";
import { suggest } from "./suggestions";

const LIST = "search-suggestions";

export function SearchBox() {
  const ref = useRef<HTMLInputElement>(null);
  const { offered, active, look, close, choose, onKeyDown } = useSuggestions();
  useSignalEffect(() => {
    draft.value = libraryQuery.value;
  });
  useShortcuts([{ key: "/", does: "Search", run: () => ref.current?.focus() }]);
  const isOpen = offered.value.length > 0;
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
          aria-label="Search your photographs"
          aria-autocomplete="list"
          aria-expanded={isOpen}
          aria-controls={LIST}
          aria-activedescendant={active.value < 0 ? undefined : `${LIST}-${active.value}`}
          placeholder="Search: person>=2, dog"
          value={draft.value}
          onInput={({ currentTarget }) => {
            draft.value = currentTarget.value;
            look(currentTarget);
          }}
          onFocus={({ currentTarget }) => look(currentTarget)}
          onBlur={close}
          onKeyDown={onKeyDown}
        />
        {draft.value && (
          <button
            type="button"
            class="button quiet icon-only"
            aria-label="Clear the search"
            onClick={() => {
              draft.value = "";
              search("");
            }}
          >
            <Icon name="close" size={18} />
          </button>
        )}
      </form>
      <Suggestions offered={offered.value} active={active.value} onChoose={choose} />
    </search>
  );
}

interface SuggestionsProps {
  readonly offered: readonly Suggestion[];
  readonly active: number;
  readonly onChoose: (suggestion: Suggestion) => void;
}

function Suggestions({ offered, active, onChoose }: SuggestionsProps) {
  return (
    <div id={LIST} class="suggestions" role="listbox" aria-label="Suggestions" hidden={offered.length === 0}>
      {offered.map((one, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the box, which keeps the focus, takes the keys
        // biome-ignore lint/a11y/useFocusableInteractive: the box keeps the focus
        <div
          key={one.name}
          id={`${LIST}-${index}`}
          class="suggestion"
          role="option"
          aria-selected={index === active}
          onPointerDown={(event) => event.preventDefault()}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onChoose(one)}
        >
          <Icon name={one.isTag ? "tag" : "search"} size={18} />
          <span class="suggestion-name">{one.name}</span> <span class="suggestion-hint">{one.hint}</span>
        </div>
      ))}
    </div>
  );
}

/** What is offered for what stands at the caret, and the keys that choose from it. */
function useSuggestions() {
  const offered = useSignal<readonly Suggestion[]>([]);
  const active = useSignal(-1);
  const typed = useSignal<Typed | null>(null);
  const asked = useRef<AbortController | null>(null);

  const close = () => {
    asked.current?.abort();
    offered.value = [];
    active.value = -1;
  };
  const look = async (input: HTMLInputElement) => {
    asked.current?.abort();
    const ended = new AbortController();
    asked.current = ended;
    const found = await suggest(input.value, input.selectionStart ?? 0, ended.signal).catch(() => null);
    if (!ended.signal.aborted) {
      typed.value = found?.typed ?? null;
      offered.value = found?.suggestions ?? [];
      active.value = -1;
    }
  };
  const complete = ({ name }: Suggestion): string => {
    draft.value = typed.value ? completed(draft.value, typed.value, name).text : draft.value;
    close();
    return draft.value;
  };
  // What is complete is searched for at once: the chips of the query help to go on.
  const choose = (suggestion: Suggestion) => {
    const text = complete(suggestion);
    if (parse(text)) {
      search(text.trim());
      document.getElementById(SEARCH_INPUT)?.blur();
    }
  };
  const move = (input: HTMLInputElement, step: number) => {
    const { length } = offered.value;
    if (length === 0) {
      void look(input);
      return;
    }
    active.value = ((active.value + 1 + step + length + 1) % (length + 1)) - 1; // beyond the ends is the box itself
    document.getElementById(`${LIST}-${active.value}`)?.scrollIntoView({ block: "nearest" });
  };
  const onKeyDown = (event: KeyboardEvent & { readonly currentTarget: HTMLInputElement }) => {
    const chosen = offered.value[active.value];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      move(event.currentTarget, step);
    } else if (event.key === "Enter" && chosen) {
      event.preventDefault();
      choose(chosen);
    } else if (event.key === "Tab" && chosen) {
      event.preventDefault();
      complete(chosen);
    } else if (event.key === "Escape" && offered.value.length > 0) {
      close();
    } else if (event.key === "Escape") {
      event.currentTarget.blur();
    }
  };
  return { offered, active, look: (input: HTMLInputElement) => void look(input), close, choose, onKeyDown };
}
