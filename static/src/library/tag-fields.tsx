// The fields for tags in the dialogs of edits.

import { useSignal } from "@preact/signals";
import { useEffect, useId } from "preact/hooks";
import * as messages from "#messages/edits";
import { get } from "../api";
import { wordsFor } from "../http";
import type { TagCount } from "../schemas";
import { ActionButton } from "../ui/action-button";
import { toast } from "../ui/toasts";

const MAX_SUGGESTIONS = 200;

interface TagRowsProps {
  readonly rows: readonly TagCount[];
  readonly onRows: (rows: readonly TagCount[]) => void;
  readonly hasCounts?: boolean;
  readonly suggestions?: readonly string[];
}

/** A list of tags, with a count for each if `hasCounts`. */
export function TagRows({ rows, onRows, hasCounts = false, suggestions }: TagRowsProps) {
  const set = (index: number, change: Partial<TagCount>) =>
    onRows(rows.map((row, place) => (place === index ? { ...row, ...change } : row)));
  return (
    <div class="edit-rows">
      <div class="edit-row-heads field-label" aria-hidden="true">
        <span>{messages.tag}</span>
        {hasCounts && <span>{messages.countPerPhoto}</span>}
      </div>
      {rows.map((row, index) => (
        <div key={index} class="edit-row">
          <TagInput
            label={messages.tagNumber(index + 1)}
            isFirst={index === 0}
            value={row.tag}
            suggestions={suggestions}
            onValue={(tag) => set(index, { tag })}
          />
          {hasCounts && (
            <input
              class="input edit-count"
              type="number"
              min={1}
              max={999}
              required
              aria-label={messages.countOfTagNumber(index + 1)}
              value={row.count}
              onInput={({ currentTarget }) => set(index, { count: currentTarget.valueAsNumber || 1 })}
            />
          )}
          {rows.length > 1 && (
            <ActionButton
              label={messages.removeTagNumber(index + 1)}
              icon="close"
              iconSize={18}
              kind="quiet"
              isIconOnly
              onClick={() => onRows(rows.toSpliced(index, 1))}
            />
          )}
        </div>
      ))}
      <button type="button" class="link" onClick={() => onRows([...rows, { tag: "", count: 1 }])}>
        {messages.addAnotherTag}
      </button>
    </div>
  );
}

interface TagFieldProps {
  readonly label: string;
  readonly value: { value: string };
  readonly suggestions?: readonly string[];
  readonly isFirst?: boolean;
}

export function TagField({ label, value, suggestions, isFirst = false }: TagFieldProps) {
  return (
    <div class="field">
      <span class="field-label" aria-hidden="true">
        {label}
      </span>
      <TagInput
        label={label}
        value={value.value}
        suggestions={suggestions}
        isFirst={isFirst}
        onValue={(text) => {
          value.value = text;
        }}
      />
    </div>
  );
}

interface TagInputProps {
  readonly label: string;
  readonly value: string;
  /** The tags to suggest; by default, all tags of the library. */
  readonly suggestions?: readonly string[] | undefined;
  /** Whether it gets the focus when the dialog opens. */
  readonly isFirst?: boolean;
  readonly onValue: (value: string) => void;
}

function TagInput({ label, value, suggestions, isFirst = false, onValue }: TagInputProps) {
  const id = useId();
  const suggested = useSignal<readonly string[]>(suggestions ?? []);
  useEffect(() => {
    if (!suggestions) {
      get("/tags").then(
        ({ tags }) => {
          suggested.value = tags.map(({ tag }) => tag);
        },
        (error: unknown) => toast(wordsFor(error), "failed"),
      );
    }
  }, []);
  return (
    <>
      <input
        class="input"
        type="text"
        list={id}
        autocomplete="off"
        spellcheck={false}
        maxLength={64}
        aria-label={label}
        {...(isFirst && { autofocus: true })}
        value={value}
        onInput={({ currentTarget }) => onValue(currentTarget.value)}
      />
      <datalist id={id}>
        {suggested.value.slice(0, MAX_SUGGESTIONS).map((tag) => (
          <option key={tag} value={tag} />
        ))}
      </datalist>
    </>
  );
}
