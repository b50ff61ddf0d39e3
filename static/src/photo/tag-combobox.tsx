// A field for the name of a tag, with those of the library that begin so.

import { useSignal } from "@preact/signals";
import { useEffect, useId, useLayoutEffect, useRef } from "preact/hooks";
import { get } from "../api";
import { pause } from "../http";
import type { TagTotal } from "../schemas";
import { folded, tagFault } from "./words";

const OFFERED = 6;
const PATIENCE_MS = 120;

interface TagInputProps {
  readonly label: string;
  readonly verb: string;
  readonly onTag: (tag: string) => void;
  /** What Escape does; a field without it stays. */
  readonly onCancel?: () => void;
}

/** The tags of the library that begin with what is typed, and which of them the arrow keys chose (-1: none). */
function useOffers() {
  const offers = useSignal<readonly TagTotal[]>([]);
  const active = useSignal(-1);
  const asked = useRef<AbortController | null>(null);
  useEffect(() => () => asked.current?.abort(), []);

  const close = () => {
    asked.current?.abort();
    offers.value = [];
    active.value = -1;
  };

  const ask = async (prefix: string, signal: AbortSignal) => {
    await pause(PATIENCE_MS, signal);
    const { tags } = await get("/tags", { query: { prefix }, signal });
    offers.value = tags.slice(0, OFFERED);
  };

  const offer = (prefix: string) => {
    close();
    asked.current = new AbortController();
    void ask(prefix, asked.current.signal).catch(() => {}); // one can do without
  };

  return { offers, active, offer, close };
}

export function TagInput({ label, verb, onTag, onCancel }: TagInputProps) {
  const id = useId();
  const ref = useRef<HTMLInputElement>(null);
  const text = useSignal("");
  const fault = useSignal("");
  const { offers, active, offer, close } = useOffers();

  useLayoutEffect(() => {
    if (onCancel) {
      ref.current?.focus();
    }
  }, []);

  const take = (name: string) => {
    const tag = folded(name);
    fault.value = tagFault(tag);
    close();
    if (tag && !fault.value) {
      text.value = "";
      onTag(tag);
    }
  };

  const steer = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      const count = offers.value.length + 1;
      active.value = ((active.value + 1 + step + count) % count) - 1;
    } else if (event.key === "Escape") {
      event.preventDefault(); // it is not meant for the photograph
      if (offers.value.length) {
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
      class="tag-input"
      onSubmit={(event) => {
        event.preventDefault();
        take(offers.value[active.value]?.tag ?? text.value);
      }}
      onFocusOut={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) {
          close();
        }
      }}
    >
      <div class="tag-input-line">
        <input
          ref={ref}
          class="input"
          type="text"
          role="combobox"
          aria-label={label}
          aria-autocomplete="list"
          aria-expanded={offers.value.length > 0}
          aria-controls={`${id}-offers`}
          aria-activedescendant={active.value < 0 ? undefined : `${id}-${active.value}`}
          aria-invalid={fault.value ? "true" : undefined}
          aria-describedby={fault.value ? `${id}-fault` : undefined}
          placeholder={label}
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          enterkeyhint="done"
          value={text.value}
          onInput={({ currentTarget }) => {
            text.value = currentTarget.value;
            fault.value = "";
            offer(currentTarget.value);
          }}
          onKeyDown={steer}
        />
        <button type="submit" class="button">
          {verb}
        </button>
      </div>
      {fault.value && (
        <p class="field-error" id={`${id}-fault`} role="alert">
          {fault.value}
        </p>
      )}
      <div class="tag-offers" id={`${id}-offers`} role="listbox" aria-label="Tags of your library">
        {offers.value.map(({ tag, images }, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/useFocusableInteractive: the field has the keys and the focus
          <div
            key={tag}
            id={`${id}-${index}`}
            class="tag-offer"
            role="option"
            aria-selected={index === active.value}
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => take(tag)}
          >
            {tag} <span class="muted">{images}</span>
          </div>
        ))}
      </div>
    </form>
  );
}
