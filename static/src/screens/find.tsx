// Find photos by a photo, by tags, or by a link.

import { useRef } from "preact/hooks";
import * as messages from "#messages/find";
import { ByLink } from "../find/by-link";
import { ByPhoto } from "../find/by-photo";
import { ByTags } from "../find/by-tags";
import { go, underneath } from "../router";
import { Page } from "../ui/page";
import "../styles/find.css";

const WAYS = { photo: messages.byPhoto, link: messages.byLink, tags: messages.byTags } as const;
type Way = keyof typeof WAYS;
const NAMES = Object.keys(WAYS) as Way[];

export default function Find() {
  const chosen = NAMES.find((way) => way === underneath.value.query.get("by")) ?? "photo";
  const ref = useRef<HTMLDivElement>(null);
  const choose = (way: Way) => go(way === "photo" ? "/find" : `/find?by=${way}`, "replace");
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
    <Page title={messages.find} lead={messages.findLead}>
      <div ref={ref} class="tabs" role="tablist" aria-label={messages.find} tabIndex={-1} onKeyDown={move}>
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
        {chosen === "photo" && <ByPhoto />}
        {chosen === "link" && <ByLink />}
        {chosen === "tags" && <ByTags />}
      </div>
    </Page>
  );
}
