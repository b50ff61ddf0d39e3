// Find photographs by tags of the library, chosen from a list; the chips of the search then count, negate and go on.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { get } from "../api";
import { wordsFor } from "../http";
import type { TagTotal } from "../schemas";
import { search } from "../search/search-text";
import { Failed } from "../ui/notice";

const MOST = 60; // the most frequent; the search box completes the others

export function ByTags() {
  const tags = useSignal<readonly TagTotal[] | null>(null);
  const chosen = useSignal<readonly string[]>([]);
  const problem = useSignal("");
  const load = async () => {
    problem.value = "";
    try {
      tags.value = (await get("/tags")).tags.slice(0, MOST);
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
    return <p class="muted">No tags yet: they come with your photographs.</p>;
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
        <legend>All of these are on it</legend>
        {tags.value?.map(({ tag, images }) => (
          <label key={tag} class="find-tag">
            <input
              type="checkbox"
              checked={chosen.value.includes(tag)}
              onChange={({ currentTarget: { checked } }) => {
                const others = chosen.value.filter((one) => one !== tag);
                chosen.value = checked ? [...others, tag] : others;
              }}
            />
            {tag} <span class="muted">{images.toLocaleString("en-GB")}</span>
          </label>
        ))}
      </fieldset>
      <div>
        <button type="submit" class="button primary" disabled={chosen.value.length === 0}>
          Find the photographs
        </button>
      </div>
    </form>
  );
}
