// Find photographs by showing a picture, or one by a link to it.

import { useRef } from "preact/hooks";
import { ByLink } from "../find/by-link";
import { ByPicture } from "../find/by-picture";
import { go, underneath } from "../router";
import { Page } from "../ui/page";
import "../styles/find.css";

const WAYS = { picture: "By picture", link: "By link" } as const;
type Way = keyof typeof WAYS;
const NAMES = Object.keys(WAYS) as Way[];

export default function Find() {
  const chosen: Way = underneath.value.query.get("by") === "link" ? "link" : "picture";
  const ref = useRef<HTMLDivElement>(null);
  const choose = (way: Way) => go(way === "picture" ? "/find" : `/find?by=${way}`, "replace");
  const move = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const next = step && NAMES[(NAMES.indexOf(chosen) + step + NAMES.length) % NAMES.length];
    if (next) {
      event.preventDefault();
      choose(next);
      ref.current?.querySelector<HTMLElement>(`#by-${next}`)?.focus();
    }
  };
  return (
    <Page title="Find" lead="Show a picture to find those that show the same, or paste a link to find its photograph.">
      <div ref={ref} class="tabs" role="tablist" aria-label="Find" tabIndex={-1} onKeyDown={move}>
        {NAMES.map((way) => (
          <button
            key={way}
            id={`by-${way}`}
            type="button"
            role="tab"
            class="tab"
            aria-selected={way === chosen}
            aria-controls="find-panel"
            tabIndex={way === chosen ? 0 : -1}
            onClick={() => choose(way)}
          >
            {WAYS[way]}
          </button>
        ))}
      </div>
      <div id="find-panel" class="find-panel" role="tabpanel" aria-labelledby={`by-${chosen}`}>
        {chosen === "link" ? <ByLink /> : <ByPicture />}
      </div>
    </Page>
  );
}
