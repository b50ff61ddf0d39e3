// The button beside the results that saves the search.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import * as controls from "#messages/controls";
import * as messages from "#messages/results";
import { wordsFor } from "../http";
import { go } from "../router";
import type { SubscriptionResponse } from "../schemas";
import { ActionButton } from "../ui/action-button";
import { Icon } from "../ui/icon";
import { lazy } from "../ui/lazy";
import { toast } from "../ui/toasts";
import { type Query, textOf } from "./query";
import { save, savedSearches } from "./saved-searches";

const ShareDialog = lazy(() => import("../sharing/share-dialog"));

/** A link once the search is saved. Searches for words in names and titles can't be saved. */
export function SaveSearch({ query }: { query: Query }) {
  const text = textOf(query);
  const isBusy = useSignal(false);
  const link = useRef<HTMLAnchorElement>(null);
  const hadFocus = useRef(false);
  const saved = savedSearches.value?.subscriptions.find(({ query: its }) => its === text);
  const isSaved = saved !== undefined;
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
  return saved ? (
    <div class="search-saved">
      <a ref={link} class="button quiet small" href="/alerts">
        <Icon name="check" size={16} /> {messages.saved}
      </a>
      <ShareSaved search={saved} />
    </div>
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

function ShareSaved({ search: { id, name } }: { search: SubscriptionResponse }) {
  const isOpen = useSignal(false);
  return (
    <>
      <ActionButton
        label={controls.share}
        icon="share"
        kind="quiet"
        size="small"
        onClick={() => {
          isOpen.value = true;
        }}
      />
      {isOpen.value && (
        <ShareDialog
          target={{ kind: "subscription", id, title: name }}
          onClose={() => {
            isOpen.value = false;
          }}
        />
      )}
    </>
  );
}
