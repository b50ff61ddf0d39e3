// A text field for a tag that suggests the library's tags with the same prefix.

import { useSignal } from "@preact/signals";
import { useEffect, useId, useLayoutEffect, useRef } from "preact/hooks";
import * as messages from "#messages/photo";
import { get } from "../api";
import { pause } from "../http";
import { normalize, tagProblem } from "../library/tag-names";
import type { TagTotal } from "../schemas";
import { ActionButton } from "../ui/action-button";

const MAX_SUGGESTIONS = 6;
const TYPING_MS = 120;

interface TagComboboxProps {
  readonly label: string;
  /** The label of the button. */
  readonly action: string;
  readonly onTag: (tag: string) => void;
  /** The text at first. */
  readonly initial?: string;
  /** Called on Escape. Without it, the field only loses the focus. */
  readonly onCancel?: () => void;
}

/** The tags that start with the typed text, and the index of the one chosen with the arrow keys (-1: none). */
function useSuggestions() {
  const suggestions = useSignal<readonly TagTotal[]>([]);
  const active = useSignal(-1);
  const request = useRef<AbortController | null>(null);
  useEffect(() => () => request.current?.abort(), []);

  const close = () => {
    request.current?.abort();
    suggestions.value = [];
    active.value = -1;
  };

  const load = async (prefix: string, signal: AbortSignal) => {
    await pause(TYPING_MS, signal);
    const { tags } = await get("/tags", { query: { prefix }, signal });
    suggestions.value = tags.slice(0, MAX_SUGGESTIONS);
  };

  const suggest = (prefix: string) => {
    close();
    request.current = new AbortController();
    void load(prefix, request.current.signal).catch(() => {}); // suggestions are optional
  };

  return { suggestions, active, suggest, close };
}

export function TagCombobox({ label, action, initial = "", onTag, onCancel }: TagComboboxProps) {
  const id = useId();
  const ref = useRef<HTMLInputElement>(null);
  const text = useSignal(initial);
  const problem = useSignal("");
  const { suggestions, active, suggest, close } = useSuggestions();

  useLayoutEffect(() => {
    if (onCancel) {
      ref.current?.focus();
      ref.current?.select();
    }
  }, []);

  const submit = (name: string) => {
    const tag = normalize(name);
    problem.value = tagProblem(tag);
    close();
    if (tag && !problem.value) {
      text.value = "";
      onTag(tag);
    }
  };

  const handleKey = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      const count = suggestions.value.length + 1;
      active.value = ((active.value + 1 + step + count) % count) - 1;
    } else if (event.key === "Escape") {
      event.preventDefault(); // otherwise it would close the photo
      if (suggestions.value.length) {
        close();
      } else if (onCancel) {
        onCancel();
      } else {
        ref.current?.blur();
      }
    }
  };

  return (
    <form
      class="tag-combobox"
      onSubmit={(event) => {
        event.preventDefault();
        submit(suggestions.value[active.value]?.tag ?? text.value);
      }}
      onFocusOut={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) {
          close();
        }
      }}
    >
      <div class="tag-combobox-line">
        <input
          ref={ref}
          class="input"
          type="text"
          role="combobox"
          aria-label={label}
          aria-autocomplete="list"
          aria-expanded={suggestions.value.length > 0}
          aria-controls={`${id}-suggestions`}
          aria-activedescendant={active.value < 0 ? undefined : `${id}-${active.value}`}
          aria-invalid={problem.value ? "true" : undefined}
          aria-describedby={problem.value ? `${id}-problem` : undefined}
          placeholder={label}
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          enterkeyhint="done"
          value={text.value}
          onInput={({ currentTarget }) => {
            text.value = currentTarget.value;
            problem.value = "";
            suggest(currentTarget.value);
          }}
          onKeyDown={handleKey}
        />
        <ActionButton label={action} type="submit" />
      </div>
      {problem.value && (
        <p class="field-error" id={`${id}-problem`} role="alert">
          {problem.value}
        </p>
      )}
      <div class="tag-suggestions" id={`${id}-suggestions`} role="listbox" aria-label={messages.tagsInYourLibrary}>
        {suggestions.value.map(({ tag, images }, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/useFocusableInteractive: the field has the focus and handles the keys
          <div
            key={tag}
            id={`${id}-${index}`}
            class="tag-suggestion"
            role="option"
            aria-selected={index === active.value}
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => submit(tag)}
          >
            {tag} <span class="muted">{images}</span>
          </div>
        ))}
      </div>
    </form>
  );
}
