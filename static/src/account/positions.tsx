// Whether PixTag removes from all photos where they were taken.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import * as messages from "#messages/account";
import { get, put } from "../api";
import { pause, wordsFor } from "../http";
import type { PreferencesResponse } from "../schemas";
import { FormError } from "../ui/notice";
import { toast } from "../ui/toasts";

const POLL_MS = 5000;

export function Positions() {
  const preferences = useSignal<PreferencesResponse | null>(null);
  const problem = useSignal("");
  const isFollowed = useSignal(true);
  useEffect(() => {
    const ended = new AbortController();
    if (isFollowed.value) {
      void follow(ended.signal);
    }
    return () => ended.abort();
  }, [isFollowed.value]);

  const follow = async (signal: AbortSignal) => {
    try {
      for (;;) {
        const wasRemoving = preferences.value?.removing;
        preferences.value = await get("/auth/me/preferences", { signal });
        if (!preferences.value.removing) {
          if (wasRemoving && preferences.value.remove_positions) {
            toast(messages.removedPlaces);
          }
          break;
        }
        await pause(POLL_MS, signal);
      }
    } catch (error) {
      if (signal.aborted) {
        return;
      }
      problem.value = wordsFor(error);
    }
    isFollowed.value = false;
  };
  const choose = async (removePositions: boolean) => {
    problem.value = "";
    try {
      preferences.value = await put("/auth/me/preferences", { body: { remove_positions: removePositions } });
      isFollowed.value = preferences.value.removing;
    } catch (error) {
      problem.value = wordsFor(error);
    }
  };
  const { remove_positions: isChosen = false, removing: isRemoving = false } = preferences.value ?? {};
  return (
    <section class="card" aria-labelledby="positions" aria-busy={preferences.value === null && !problem.value}>
      <h3 id="positions">{messages.places}</h3>
      {problem.value && <FormError>{problem.value}</FormError>}
      <label class="choice">
        <input
          type="checkbox"
          checked={isChosen}
          disabled={preferences.value === null}
          onChange={({ currentTarget }) => void choose(currentTarget.checked)}
        />
        {messages.removePlaces}
      </label>
      <p class="muted">{messages.placesHint}</p>
      {isRemoving && <p role="status">{messages.removingPlaces}</p>}
    </section>
  );
}
