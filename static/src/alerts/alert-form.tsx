// The form that saves a search. It checks the query first.

import { type Signal, useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import * as messages from "#messages/alerts";
import { post } from "../api";
import { Problem, wordsFor } from "../http";
import type { QuerySuggestion } from "../schemas";
import { change, save } from "../search/saved-searches";
import { SuggestedList } from "../search/suggested";
import { ActionButton } from "../ui/action-button";
import { Field } from "../ui/field";
import { announce } from "../ui/toasts";

export const MAX_NAME = 100; // characters, as the API allows

export function AlertForm() {
  const ref = useRef<HTMLFormElement>(null);
  const query = useSignal("");
  const name = useSignal("");
  const problem = useSignal("");
  const correction = useSignal<string | null>(null);
  const suggestions = useSignal<readonly QuerySuggestion[]>([]);
  const isBusy = useSignal(false);
  const run = async (work: () => Promise<void>) => {
    isBusy.value = true;
    try {
      await work();
    } catch (error) {
      problem.value = wordsFor(error);
      correction.value = error instanceof Problem ? error.suggestion : null;
      selectError(ref.current?.querySelector("input"), error);
    }
    isBusy.value = false;
  };
  const clear = () => {
    problem.value = "";
    correction.value = null;
    suggestions.value = [];
  };
  const add = async (text: string) => {
    const title = name.value.trim();
    const added = await save({ query: text, name: title });
    if (title && added.name !== title) {
      await change(added, { name: title }); // the search was saved before, so the API kept its name
    }
    query.value = "";
    name.value = "";
    clear();
    announce(messages.addedAnAlert(added.query));
  };
  // If no photo has a tag of the query, the person chooses between the query and the suggestions.
  const check = async (text: string) => {
    suggestions.value = (await post("/subscriptions", { body: { query: text, dry_run: true } })).suggestions;
    if (suggestions.value.length === 0) {
      await add(text);
    }
  };
  return (
    <>
      <form
        ref={ref}
        class="alert-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (query.value.trim() && !isBusy.value) {
            void run(() => check(query.value));
          }
        }}
      >
        <TagOrQuery query={query} problem={problem} onChange={clear} />
        <Field
          label={messages.nameOptional}
          value={name.value}
          onValue={(text) => {
            name.value = text;
          }}
          input={{ autocomplete: "off", maxLength: MAX_NAME }}
        />
        <ActionButton
          label={messages.addAlert}
          icon="pin"
          type="submit"
          kind="primary"
          disabled={isBusy.value || !query.value.trim()}
        />
      </form>
      {correction.value !== null && (
        <div class="alert-suggestions">
          <ActionButton
            label={messages.addAlertFor(correction.value)}
            kind="primary"
            size="small"
            disabled={isBusy.value}
            onClick={() => {
              query.value = correction.value ?? "";
              clear();
              void run(() => check(query.value));
            }}
          />
        </div>
      )}
      {suggestions.value.length > 0 && (
        <div class="alert-suggestions" role="status">
          <p>{messages.unknownTag}</p>
          <SuggestedList suggestions={suggestions.value} onChoose={(other) => void run(() => add(other))} />
          <ActionButton
            label={messages.addAnyway(query.value.trim())}
            size="small"
            disabled={isBusy.value}
            onClick={() => void run(() => add(query.value))}
          />
        </div>
      )}
    </>
  );
}

interface TagOrQueryProps {
  readonly query: Signal<string>;
  readonly problem: Signal<string>;
  readonly onChange: () => void;
}

function TagOrQuery({ query, problem, onChange }: TagOrQueryProps) {
  return (
    <Field
      label={messages.tagOrSearch}
      value={query.value}
      onValue={(text) => {
        query.value = text;
        onChange();
      }}
      error={problem.value}
      input={{ autocomplete: "off", spellcheck: false, maxLength: 1000, placeholder: messages.exampleQueries }}
    />
  );
}

/** Select the text of the input from the character where the query is wrong. */
function selectError(input: HTMLInputElement | null | undefined, error: unknown): void {
  input?.focus();
  if (error instanceof Problem && error.position !== null) {
    input?.setSelectionRange(error.position, input.value.length);
  }
}
