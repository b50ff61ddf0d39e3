// Find photos by tags from a list. The search screen can then refine the query.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import * as messages from "#messages/find";
import { get } from "../api";
import { formatNumber } from "../formats";
import { wordsFor } from "../http";
import type { TagTotal } from "../schemas";
import { search } from "../search/search-text";
import { ActionButton } from "../ui/action-button";
import { Failed } from "../ui/notice";

const MAX_TAGS = 60; // the most frequent; the search box completes all others

export function ByTags() {
  const tags = useSignal<readonly TagTotal[] | null>(null);
  const chosen = useSignal<readonly string[]>([]);
  const problem = useSignal("");
  const load = async () => {
    problem.value = "";
    try {
      tags.value = (await get("/tags")).tags.slice(0, MAX_TAGS);
    } catch (error) {
      problem.value = wordsFor(error);
    }
  };
  useEffect(() => {
    void load();
  }, []);
  if (problem.value) {
    return <Failed text={problem.value} onRetry={() => void load()} />;
  }
  if (tags.value?.length === 0) {
    return <p class="muted">{messages.noTagsYet}</p>;
  }
  return (
    <form
      class="find-tags"
      aria-busy={tags.value === null}
      onSubmit={(event) => {
        event.preventDefault();
        search(chosen.value.join(", "));
      }}
    >
      <fieldset>
        <legend>{messages.photosWithAllTags}</legend>
        {tags.value?.map(({ tag, images }) => (
          <label key={tag} class="find-tag">
            <input
              type="checkbox"
              checked={chosen.value.includes(tag)}
              onChange={({ currentTarget: { checked } }) => {
                const others = chosen.value.filter((other) => other !== tag);
                chosen.value = checked ? [...others, tag] : others;
              }}
            />
            {tag} <span class="muted">{formatNumber(images)}</span>
          </label>
        ))}
      </fieldset>
      <div>
        <ActionButton label={messages.findPhotos} type="submit" kind="primary" disabled={chosen.value.length === 0} />
      </div>
    </form>
  );
}
