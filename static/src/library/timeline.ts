// The numbers of photos by month, of the library or of a search. They are read again when images change.

import { type ReadonlySignal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { get } from "../api";
import { pause } from "../http";
import { changes, everything } from "./feeds";
import type { MonthCount } from "./scrubber-geometry";

export interface Timeline {
  /** Newest first. The last one has no month if photos have dates that can't be right. */
  readonly months: readonly MonthCount[];
  readonly total: number;
  /** Whether all photos were counted. */
  readonly isExact: boolean;
}

const CHANGE_MS = 1000; // several changes are read together

/** Return the timeline of a query; null until it is known. */
export function useTimeline(query: string): ReadonlySignal<Timeline | null> {
  const timeline = useSignal<Timeline | null>(null);
  const version = `${changes.value} ${query ? 0 : everything().arrivals.fresh.value.size}`;
  useEffect(() => {
    const ended = new AbortController();
    pause(timeline.peek() ? CHANGE_MS : 0, ended.signal)
      .then(() => readTimeline(query, ended.signal))
      .then(
        (now) => {
          timeline.value = now;
        },
        () => {}, // the library works without it
      );
    return () => ended.abort();
  }, [timeline, query, version]);
  return timeline;
}

async function readTimeline(query: string, signal: AbortSignal): Promise<Timeline> {
  const { months, implausible, exact } = await get("/timeline", { query: query ? { q: query } : {}, signal });
  const counts = [...months, ...(implausible ? [{ month: "", images: implausible }] : [])];
  return { months: counts, total: counts.reduce((sum, { images }) => sum + images, 0), isExact: exact };
}
