// The search box: a query in the query language; what is searched for stands in the address.

import { useSignal, useSignalEffect } from "@preact/signals";
import { useRef } from "preact/hooks";
import { go, libraryQuery } from "./router";
import { Icon } from "./ui/icon";
import { useShortcuts } from "./ui/shortcuts";

export function SearchBox() {
  const ref = useRef<HTMLInputElement>(null);
  const text = useSignal(libraryQuery.value);
  useSignalEffect(() => {
    text.value = libraryQuery.value;
  });
  useShortcuts([{ key: "/", does: "Search", run: () => ref.current?.focus() }]);
  const search = (query: string) => go(query ? `/?q=${encodeURIComponent(query)}` : "/");
  return (
    <search class="search">
      <form
        class="search-form"
        onSubmit={(event) => {
          event.preventDefault();
          search(text.value.trim());
          ref.current?.blur();
        }}
      >
        <Icon name="search" />
        <input
          ref={ref}
          class="search-input"
          type="text"
          inputMode="search"
          enterkeyhint="search"
          autocomplete="off"
          spellcheck={false}
          aria-label="Search your photographs"
          placeholder="Search: person>=2, dog"
          value={text.value}
          onInput={({ currentTarget }) => {
            text.value = currentTarget.value;
          }}
          onKeyDown={(event) => {
            if (event.key === "Escape") {
              ref.current?.blur();
            }
          }}
        />
        {text.value && (
          <button
            type="button"
            class="button quiet icon-only"
            aria-label="Clear the search"
            onClick={() => {
              text.value = "";
              search("");
            }}
          >
            <Icon name="close" size={18} />
          </button>
        )}
      </form>
    </search>
  );
}
