// The query as chips, with controls for counts, operators, NOT, OR and periods. Each change starts a search.

import { useRef } from "preact/hooks";
import * as messages from "#messages/results";
import { ActionButton } from "../ui/action-button";
import { Icon } from "../ui/icon";
import { titleOf } from "./album-titles";
import { RemoveButton, useChipMenu } from "./chip-menu";
import { FAVOURITE, isMark, markText } from "./marks";
import { PeriodChip } from "./period-chip";
import { type Part, partText, type Query, replacePart, type TextPart, textOf, withTerm } from "./query";
import { search, write } from "./search-text";
import { countOf, MAX_COUNT, OPERATORS, operatorOf, type Term, withCount } from "./terms";

const SIGNS = { minimum: "≥", exactly: "=", maximum: "≤", between: "–" } as const;

export function QueryChips({ query }: { query: Query }) {
  const and = useRef<HTMLButtonElement>(null);
  // Changes of a count replace the history entry; other changes add one.
  const change = (index: number, part: Part | null, how: "push" | "replace") => {
    search(textOf(replacePart(query, index, part)), how);
    if (!part) {
      and.current?.focus(); // the focused button was removed
    }
  };
  const endOf = (index: number) => textOf(query.slice(0, index + 1)).length;
  const addAlternative = (index: number) => {
    const [text, end] = [textOf(query), endOf(index)];
    write(`${text.slice(0, end)}|${text.slice(end)}`, end + 1);
  };
  return (
    <ul class="query-chips" aria-label={messages.searchTerms}>
      {query.map((part, index) => (
        <li key={keyOf(part, index)} class="query-part">
          <PartChip
            part={part}
            onChange={(after, how = "push") => change(index, after, how)}
            onAlternative={() => addAlternative(index)}
            onEdit={() => write(textOf(query), endOf(index))}
          />
        </li>
      ))}
      <li>
        <ActionButton
          label={messages.andButton}
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
  if (part.kind === "text") {
    return partText(part);
  }
  return part.kind === "tags" ? [index, ...part.terms.map(({ tag }) => tag)].join("|") : part.kind;
}

interface PartProps {
  readonly part: Part;
  readonly onChange: (part: Part | null, how?: "push" | "replace") => void;
  readonly onAlternative: () => void;
  readonly onEdit: () => void;
}

function PartChip({ part, onChange, onAlternative, onEdit }: PartProps) {
  if (part.kind === "tags") {
    return part.terms.map((term, index) => (
      <span key={`${index} ${term.tag}`} class="query-term">
        {index > 0 && <span class="query-or">{messages.orOperator}</span>}
        {isMark(term.tag) ? (
          <MarkChip term={term} onChange={(after) => onChange(withTerm(part.terms, index, after))} onEdit={onEdit} />
        ) : (
          <TermChip
            term={term}
            onChange={(after, how) => onChange(withTerm(part.terms, index, after), how)}
            onAlternative={onAlternative}
          />
        )}
      </span>
    ));
  }
  if (part.kind === "text") {
    return <TextChip part={part} onRemove={() => onChange(null)} onEdit={onEdit} />;
  }
  if ("first" in part) {
    return <PeriodChip part={part} onChange={onChange} />;
  }
  return (
    <span class="query-chip">
      <span class="query-name">{part.kind}</span>
      <RemoveButton name={part.kind} onRemove={() => onChange(null)} />
    </span>
  );
}

interface TextProps {
  readonly part: TextPart;
  readonly onRemove: () => void;
  readonly onEdit: () => void;
}

/** A condition on a text. Its words are edited in the search box. */
function TextChip({ part, onRemove, onEdit }: TextProps) {
  const { field, words } = part.condition;
  const name = `${field} “${words.join(" ")}”`;
  return (
    <span class="query-chip">
      <button type="button" class="query-name query-text" aria-label={messages.editIt(name)} onClick={onEdit}>
        <span class="query-field">{field}</span> “{words.join(" ")}”
      </button>
      <RemoveButton name={name} onRemove={onRemove} />
    </span>
  );
}

interface MarkProps {
  readonly term: Term;
  readonly onChange: (term: Term | null) => void;
  readonly onEdit: () => void;
}

/** A condition on a mark: the favourites, an album, or all other photos. */
function MarkChip({ term, onChange, onEdit }: MarkProps) {
  const isFavourite = term.tag === FAVOURITE;
  const title = titleOf(term.tag);
  const mark = isFavourite ? messages.favourites : (title ?? markText(term.tag));
  const name = [term.negated && messages.notOperator, mark].filter(Boolean).join(" ");
  return (
    <span class={term.negated ? "query-chip negated" : "query-chip"}>
      <button type="button" class="query-name query-text" aria-label={messages.editIt(name)} onClick={onEdit}>
        {term.negated && <span class="query-not">{messages.notOperator}</span>}{" "}
        {isFavourite && <Icon name="heart" size={14} isFilled />}
        {title !== null && <Icon name="album" size={14} />} {mark}
      </button>
      <RemoveButton name={name} onRemove={() => onChange(null)} />
    </span>
  );
}

interface TermProps {
  readonly term: Term;
  readonly onChange: (term: Term | null, how?: "push" | "replace") => void;
  readonly onAlternative: () => void;
}

function TermChip({ term, onChange, onAlternative }: TermProps) {
  const { tag, negated, certain } = term;
  const { ref, id, isOpen, closeWithEscape } = useChipMenu();
  const [operator, count] = [operatorOf(term), countOf(term)];
  const step = (by: number) => onChange(withCount(term, operator, count + by), "replace");
  return (
    <fieldset
      ref={ref}
      aria-label={tag}
      class={negated ? "query-chip negated" : "query-chip"}
      onKeyDown={closeWithEscape}
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
        {negated && <span class="query-not">{messages.notOperator}</span>}{" "}
        {certain && <span class="query-not">{messages.certain}</span>} {tag} <Icon name="down" size={14} />
      </button>
      <span class="query-steps">
        <button
          type="button"
          class="query-step"
          aria-label={messages.decreaseCount(tag)}
          disabled={countOf(withCount(term, operator, count - 1)) === count}
          onClick={() => step(-1)}
        >
          −
        </button>
        <output
          class="query-count"
          aria-label={
            operator === "between"
              ? messages.countIsBetween(tag, term.minCount, count)
              : messages.countIs(tag, operator, count)
          }
        >
          {operator === "between" ? `${term.minCount}–${count}` : `${SIGNS[operator]} ${count}`}
        </output>
        <button
          type="button"
          class="query-step"
          aria-label={messages.increaseCount(tag)}
          disabled={count >= MAX_COUNT}
          onClick={() => step(1)}
        >
          +
        </button>
      </span>
      <RemoveButton name={tag} onRemove={() => onChange(null)} />
      <div id={id} class="query-menu" hidden={!isOpen.value}>
        <fieldset class="query-operators">
          <legend>{messages.count}</legend>
          {OPERATORS.map((choice) => (
            <label key={choice}>
              <input
                type="radio"
                name={id}
                checked={choice === operator}
                onChange={() => onChange(withCount(term, choice, count), "replace")}
              />
              {messages.operators[choice]} <span class="muted">{SIGNS[choice]}</span>
            </label>
          ))}
        </fieldset>
        <label class="query-toggle">
          <input type="checkbox" checked={negated} onChange={() => onChange({ ...term, negated: !negated })} />
          {messages.excludeThisTag}
        </label>
        <label class="query-toggle">
          <input type="checkbox" checked={certain} onChange={() => onChange({ ...term, certain: !certain })} />
          {messages.onlyCertain}
        </label>
        <ActionButton
          label={messages.orAnotherTag}
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
