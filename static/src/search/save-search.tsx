// The button beside the results that saves the search.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import * as messages from "#messages/results";
import { wordsFor } from "../http";
import { go } from "../router";
import { ActionButton } from "../ui/action-button";
import { Icon } from "../ui/icon";
import { toast } from "../ui/toasts";
import { type Query, textOf } from "./query";
import { save, savedSearches } from "./saved-searches";

/** A link once the search is saved. Searches for words in names and titles can't be saved. */
export function SaveSearch({ query }: { query: Query }) {
  const text = textOf(query);
  const isBusy = useSignal(false);
  const link = useRef<HTMLAnchorElement>(null);
  const hadFocus = useRef(false);
  const isSaved = savedSearches.value?.subscriptions.some((saved) => saved.query === text) ?? false;
  useEffect(() => {
    if (hadFocus.current) {
      link.current?.focus(); // the focused button was removed
      hadFocus.current = false;
    }
  }, [isSaved]);
  const run = async () => {
    isBusy.value = true;
    try {
      hadFocus.current = true;
      await save({ query: text, pinned: true, email: false });
      toast(messages.savedTheSearch, "done", { label: messages.showSavedSearches, run: () => go("/alerts") });
    } catch (error) {
      hadFocus.current = false;
      toast(wordsFor(error), "failed");
    }
    isBusy.value = false;
  };
  if (query.some(({ kind }) => kind === "text")) {
    return null;
  }
  return isSaved ? (
    <a ref={link} class="button quiet small" href="/alerts">
      <Icon name="check" size={16} /> {messages.saved}
    </a>
  ) : (
    <ActionButton
      label={messages.saveSearch}
      icon="pin"
      size="small"
      isBusy={isBusy.value}
      disabled={isBusy.value}
      onClick={() => void run()}
    />
  );
}
