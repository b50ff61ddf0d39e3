// The photos of this day in earlier years, each with a link to all photos of its day.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import * as messages from "#messages/timeline";
import { get } from "../api";
import type { ImageSummary } from "../schemas";
import { onSignedOut } from "../session";
import { anniversaries } from "./anniversaries";
import { localDay } from "./days";
import { changes } from "./feeds";
import { isUndated } from "./order-key";
import type { MonthCount } from "./scrubber-geometry";
import "../styles/on-this-day.css";

const CHECKED = 5; // photos of a day that are searched for one with a date

interface Memory {
  readonly day: string;
  readonly image: ImageSummary;
}

let known: { readonly today: string; readonly change: number; readonly memories: readonly Memory[] } | null = null;

onSignedOut(() => {
  known = null;
});

export default function OnThisDay({ months }: { months: readonly MonthCount[] }) {
  const memories = useSignal<readonly Memory[]>(known?.memories ?? []);
  const today = localDay(new Date());
  const days = anniversaries(months, today);
  useEffect(() => {
    const ended = new AbortController();
    if (known?.today !== today || known.change !== changes.peek()) {
      readMemories(days, today, ended.signal).then(
        (read) => {
          memories.value = read;
        },
        () => {}, // the library works without them
      );
    }
    return () => ended.abort();
  }, [days.join()]);
  if (memories.value.length === 0) {
    return null;
  }
  return (
    <section class="memories" aria-labelledby="on-this-day">
      <h2 id="on-this-day">{messages.onThisDay}</h2>
      <ul>
        {memories.value.map(({ day, image }) => (
          <li key={day}>
            <a class="memory" href={`/?q=${encodeURIComponent(`taken:${day}`)}`}>
              <img src={image.links?.thumbnail} alt="" decoding="async" />
              <span>{yearsAgo(day, today)}</span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Search for a photo of each day, one day after another. */
async function readMemories(days: readonly string[], today: string, signal: AbortSignal): Promise<readonly Memory[]> {
  const change = changes.peek();
  const memories: Memory[] = [];
  for (const day of days) {
    const { images } = await get("/search", { query: { q: `taken:${day}`, limit: CHECKED }, signal });
    const image = images.find((candidate) => !isUndated(candidate) && candidate.links);
    if (image) {
      memories.push({ day, image });
    }
  }
  known = { today, change, memories };
  return memories;
}

/** `1 year ago`, `7 years ago`. */
function yearsAgo(day: string, today: string): string {
  return messages.yearsAgo(Number(today.slice(0, 4)) - Number(day.slice(0, 4)));
}
