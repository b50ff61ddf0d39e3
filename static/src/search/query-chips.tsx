// The query as chips, with controls for counts, operators, NOT, OR and days. Each change starts a search.

import { useSignal } from "@preact/signals";
import { useEffect, useId, useRef } from "preact/hooks";
import { ActionButton } from "../ui/action-button";
import { Icon } from "../ui/icon";
import {
  countOf,
  MAX_COUNT,
  OPERATORS,
  operatorOf,
  type Part,
  partText,
  type Query,
  replacePart,
  type Term,
  textOf,
  withCount,
  withTerm,
} from "./query";
import { search, write } from "./search-text";

const SIGNS = { "at least": "≥", exactly: "=", "at most": "≤" } as const;

export function QueryChips({ query }: { query: Query }) {
  const and = useRef<HTMLButtonElement>(null);
  // Changes of a count replace the history entry; other changes add one.
  const change = (index: number, part: Part | null, how: "push" | "replace") => {
    search(textOf(replacePart(query, index, part)), how);
    if (!part) {
      and.current?.focus(); // the focused button was removed
    }
  };
  const addAlternative = (index: number) => {
    const head = query
      .slice(0, index + 1)
      .map(partText)
      .join(", ");
    const rest = query.slice(index + 1).map((part) => `, ${partText(part)}`);
    write(`${head}|${rest.join("")}`, head.length + 1);
  };
  return (
    <ul class="query-chips" aria-label="Search terms">
      {query.map((part, index) => (
        <li key={keyOf(part, index)} class="query-part">
          <PartChip
            part={part}
            onChange={(after, how = "push") => change(index, after, how)}
            onAlternative={() => addAlternative(index)}
          />
        </li>
      ))}
      <li>
        <ActionButton
          label="And"
          icon="add"
          kind="quiet"
          size="small"
          buttonRef={and}
          onClick={() => write(`${textOf(query)}, `)}
        />
      </li>
    </ul>
  );
}

/** Return a key that stays the same while only counts change. */
function keyOf(part: Part, index: number): string {
  return part.kind === "tags" ? [index, ...part.terms.map(({ tag }) => tag)].join("|") : part.kind;
}

interface PartProps {
  readonly part: Part;
  readonly onChange: (part: Part | null, how?: "push" | "replace") => void;
  readonly onAlternative: () => void;
}

function PartChip({ part, onChange, onAlternative }: PartProps) {
  if (part.kind === "tags") {
    return part.terms.map((term, index) => (
      <span key={`${index} ${term.tag}`} class="query-term">
        {index > 0 && <span class="query-or">or</span>}
        <TermChip
          term={term}
          onChange={(after, how) => onChange(withTerm(part.terms, index, after), how)}
          onAlternative={onAlternative}
        />
      </span>
    ));
  }
  return (
    <span class="query-chip">
      {part.kind === "untagged" ? (
        <span class="query-name">untagged</span>
      ) : (
        <label class="query-day">
          {part.kind}
          <input
            type="date"
            value={part.day}
            onChange={({ currentTarget: { value } }) => {
              if (value) {
                onChange({ kind: part.kind, day: value });
              }
            }}
          />
        </label>
      )}
      <RemoveButton name={partText(part)} onRemove={() => onChange(null)} />
    </span>
  );
}

interface TermProps {
  readonly term: Term;
  readonly onChange: (term: Term | null, how?: "push" | "replace") => void;
  readonly onAlternative: () => void;
}

function TermChip({ term, onChange, onAlternative }: TermProps) {
  const { tag, negated } = term;
  const isOpen = useSignal(false);
  const ref = useRef<HTMLFieldSetElement>(null);
  const id = useId();
  const [operator, count] = [operatorOf(term), countOf(term)];
  const step = (by: number) => onChange(withCount(term, operator, count + by), "replace");
  useClickElsewhere(ref, () => {
    isOpen.value = false;
  });
  return (
    <fieldset
      ref={ref}
      aria-label={tag}
      class={negated ? "query-chip negated" : "query-chip"}
      onKeyDown={(event) => {
        if (event.key === "Escape" && isOpen.value) {
          event.stopPropagation();
          isOpen.value = false;
          ref.current?.querySelector<HTMLElement>(".query-name")?.focus();
        }
      }}
    >
      <button
        type="button"
        class="query-name"
        aria-expanded={isOpen.value}
        aria-controls={id}
        onClick={() => {
          isOpen.value = !isOpen.value;
        }}
      >
        {negated && <span class="query-not">not</span>} {tag} <Icon name="down" size={14} />
      </button>
      <span class="query-steps">
        <button
          type="button"
          class="query-step"
          aria-label={`Decrease count of ${tag}`}
          disabled={countOf(withCount(term, operator, count - 1)) === count}
          onClick={() => step(-1)}
        >
          −
        </button>
        <output class="query-count" aria-label={`${tag}: ${operator} ${count}`}>
          {SIGNS[operator]} {count}
        </output>
        <button
          type="button"
          class="query-step"
          aria-label={`Increase count of ${tag}`}
          disabled={count >= MAX_COUNT}
          onClick={() => step(1)}
        >
          +
        </button>
      </span>
      <RemoveButton name={tag} onRemove={() => onChange(null)} />
      <div id={id} class="query-menu" hidden={!isOpen.value}>
        <fieldset class="query-operators">
          <legend>Count</legend>
          {OPERATORS.map((choice) => (
            <label key={choice}>
              <input
                type="radio"
                name={id}
                checked={choice === operator}
                onChange={() => onChange(withCount(term, choice, count), "replace")}
              />
              {choice} <span class="muted">{SIGNS[choice]}</span>
            </label>
          ))}
        </fieldset>
        <label class="query-toggle">
          <input type="checkbox" checked={negated} onChange={() => onChange({ ...term, negated: !negated })} />
          Exclude this tag
        </label>
        <ActionButton
          label="Or another tag"
          icon="add"
          iconSize={16}
          size="wide"
          class="small"
          onClick={onAlternative}
        />
      </div>
    </fieldset>
  );
}

function RemoveButton({ name, onRemove }: { name: string; onRemove: () => void }) {
  return (
    <button type="button" class="query-remove" aria-label={`Remove ${name} from the search`} onClick={onRemove}>
      <Icon name="close" size={14} />
    </button>
  );
}

function useClickElsewhere(ref: { readonly current: HTMLElement | null }, run: () => void): void {
  useEffect(() => {
    const handle = ({ target }: Event) => {
      if (!ref.current?.contains(target as Node)) {
        run();
      }
    };
    addEventListener("pointerdown", handle);
    addEventListener("focusin", handle);
    return () => {
      removeEventListener("pointerdown", handle);
      removeEventListener("focusin", handle);
    };
  }, []);
}
