// The query as chips: each tag with its count and operator, NOT and OR, the days; a change searches at once.

import { useSignal } from "@preact/signals";
import { useEffect, useId, useRef } from "preact/hooks";
import { Icon } from "../ui/icon";
import {
  changed,
  counted,
  countOf,
  MAX_COUNT,
  OPERATORS,
  operatorOf,
  type Part,
  partText,
  type Query,
  type Term,
  textOf,
  withTerm,
} from "./query";
import { search, write } from "./search-text";

const SIGNS = { "at least": "≥", exactly: "=", "at most": "≤" } as const;

export function Chips({ query }: { query: Query }) {
  const and = useRef<HTMLButtonElement>(null);
  // Counting up and down is one step of the history, everything else its own.
  const change = (index: number, part: Part | null, how: "push" | "replace") => {
    search(textOf(changed(query, index, part)), how);
    if (!part) {
      and.current?.focus(); // the button that had the focus is gone
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
    <ul class="query-chips" aria-label="What is searched for">
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
        <button ref={and} type="button" class="button quiet small" onClick={() => write(`${textOf(query)}, `)}>
          <Icon name="add" size={16} /> And
        </button>
      </li>
    </ul>
  );
}

/** The same as long as the same is asked for at this place, however often. */
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
      <Remove name={partText(part)} onRemove={() => onChange(null)} />
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
  const step = (by: number) => onChange(counted(term, operator, count + by), "replace");
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
          aria-label={`Fewer: ${tag}`}
          disabled={countOf(counted(term, operator, count - 1)) === count}
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
          aria-label={`More: ${tag}`}
          disabled={count >= MAX_COUNT}
          onClick={() => step(1)}
        >
          +
        </button>
      </span>
      <Remove name={tag} onRemove={() => onChange(null)} />
      <div id={id} class="query-menu" hidden={!isOpen.value}>
        <fieldset class="query-operators">
          <legend>How many</legend>
          {OPERATORS.map((one) => (
            <label key={one}>
              <input
                type="radio"
                name={id}
                checked={one === operator}
                onChange={() => onChange(counted(term, one, count), "replace")}
              />
              {one} <span class="muted">{SIGNS[one]}</span>
            </label>
          ))}
        </fieldset>
        <label class="query-toggle">
          <input type="checkbox" checked={negated} onChange={() => onChange({ ...term, negated: !negated })} />
          Not: leave these out
        </label>
        <button type="button" class="button small wide" onClick={onAlternative}>
          <Icon name="add" size={16} /> Or another tag
        </button>
      </div>
    </fieldset>
  );
}

function Remove({ name, onRemove }: { name: string; onRemove: () => void }) {
  return (
    <button type="button" class="query-remove" aria-label={`Do not search for ${name}`} onClick={onRemove}>
      <Icon name="close" size={14} />
    </button>
  );
}

function useClickElsewhere(ref: { readonly current: HTMLElement | null }, run: () => void): void {
  useEffect(() => {
    const hear = ({ target }: Event) => {
      if (!ref.current?.contains(target as Node)) {
        run();
      }
    };
    addEventListener("pointerdown", hear);
    addEventListener("focusin", hear);
    return () => {
      removeEventListener("pointerdown", hear);
      removeEventListener("focusin", hear);
    };
  }, []);
}
