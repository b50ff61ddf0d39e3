// The scrubber at the right edge: the years and months of the list. It shows where the person is, and jumps to a month.

import { type Signal, useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { formatPhotos } from "#messages/formats";
import * as messages from "#messages/timeline";
import { wordsFor } from "../http";
import { useLostPointer } from "../ui/lost-pointer";
import { toast } from "../ui/toasts";
import { monthName } from "./days";
import type { Feed } from "./feed";
import type { GridPlace } from "./grid-place";
import { jumpTo } from "./jump";
import { placeOf, placeStops, type Stop, stepTo, stopAt, yearLabels } from "./scrubber-geometry";
import type { Timeline } from "./timeline";
import "../styles/scrubber.css";

const LABEL_MIDDLE = 11; // pixels below the top of a label
const KEY_MS = 300; // after the last key, the list jumps
const SCROLL_MS = 1500; // after the last scrolling, the thumb is hidden on phones

interface ScrubberProps {
  readonly feed: Feed;
  readonly place: GridPlace;
  readonly timeline: Timeline;
}

export default function Scrubber({ feed, place, timeline }: ScrubberProps) {
  const ref = useRef<HTMLDivElement>(null);
  const height = useHeight(ref);
  const stops = placeStops(timeline.months, height.value);
  const chosen = useSignal<number | null>(null); // where the person points, in pixels
  const isDragging = useSignal(false);
  const isJumping = useSignal(false);
  const isScrolling = useRecentScroll();

  const current = placeOf(stops, place.topKey.value);
  const position = Math.min(height.value, Math.max(0, chosen.value ?? current));
  const index = stopAt(stops, position);
  const thumb = isDragging.value || isJumping.value ? position : current;
  const name = nameOf(stops, index, timeline.isExact);
  const { run: jumpSoon, now: jump } = useJump(async (to) => {
    const stop = stops[to];
    if (!stop) {
      return;
    }
    isJumping.value = true;
    await jumpTo(feed, place, stop.month).catch((error: unknown) => toast(wordsFor(error), "failed"));
    isJumping.value = false;
    chosen.value = null;
  });

  const follow = (event: PointerEvent) => {
    chosen.value = event.clientY - (ref.current?.getBoundingClientRect().top ?? 0);
  };
  const release = () => {
    if (isDragging.value) {
      isDragging.value = false;
      jump(index);
    }
  };
  const end = () => {
    isDragging.value = false;
    if (!isJumping.peek()) {
      chosen.value = null;
    }
  };
  useLostPointer(end);
  return (
    <div
      ref={ref}
      class="scrubber"
      data-active={chosen.value !== null || isJumping.value}
      data-cut={!timeline.isExact}
      data-dragging={isDragging.value}
      data-scrolling={isScrolling.value}
      role="slider"
      tabIndex={0}
      aria-label={messages.date}
      aria-orientation="vertical"
      aria-valuemin={0}
      aria-valuemax={Math.max(0, stops.length - 1)}
      aria-valuenow={index}
      aria-valuetext={`${name}, ${formatPhotos(stops[index]?.images ?? 0, !timeline.isExact)}`}
      onKeyDown={(event) => {
        const to = stepTo(stops, index, event.key);
        if (to !== null && !(event.ctrlKey || event.metaKey || event.altKey)) {
          event.preventDefault();
          event.stopPropagation();
          chosen.value = middleOf(stops[to]);
          jumpSoon(to);
        }
      }}
      onPointerDown={(event) => {
        if (event.button === 0) {
          event.currentTarget.setPointerCapture(event.pointerId);
          isDragging.value = true;
          follow(event);
        }
      }}
      onPointerMove={(event) => {
        if (isDragging.value && event.pointerType === "mouse" && !(event.buttons & 1)) {
          end(); // the button was released where the browser did not report it
        } else if (isDragging.value || event.pointerType === "mouse") {
          follow(event);
        }
      }}
      onPointerUp={release}
      onPointerCancel={end}
      onPointerLeave={() => {
        if (!(isDragging.value || isJumping.value)) {
          chosen.value = null;
        }
      }}
    >
      {yearLabels(stops).map(({ year, top }) => (
        <span
          key={year}
          class="scrubber-year"
          data-covered={Math.abs(top + LABEL_MIDDLE - thumb) < LABEL_MIDDLE}
          style={{ top: `${top}px` }}
          aria-hidden="true"
        >
          {year}
        </span>
      ))}
      <span class="scrubber-thumb" style={{ top: `${thumb}px` }} />
      <span class="scrubber-bubble" style={{ top: `${position}px` }} aria-hidden="true">
        {name}
        {isJumping.value && <span class="spinner" />}
      </span>
    </div>
  );
}

/** `July 2019`, or `July 2019 and older` if older photos were not counted. */
function nameOf(stops: readonly Stop[], index: number, isExact: boolean): string {
  const month = stops[index]?.month;
  const name = month ? monthName(month) : messages.datesThatCantBeRight;
  return isExact || index < stops.length - 1 ? name : messages.andOlder(name);
}

function middleOf(stop: Stop | undefined): number {
  return (stop?.top ?? 0) + (stop?.height ?? 0) / 2;
}

/** Return functions that jump at once, and shortly after the last call. */
function useJump(jump: (index: number) => Promise<void>) {
  const timer = useRef(0);
  useEffect(() => () => clearTimeout(timer.current), []);
  const now = (index: number) => {
    clearTimeout(timer.current);
    void jump(index);
  };
  const run = (index: number) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => now(index), KEY_MS) as unknown as number;
  };
  return { now, run };
}

function useHeight(ref: RefObject<HTMLDivElement | null>): Signal<number> {
  const height = useSignal(0);
  useLayoutEffect(() => {
    const observer = new ResizeObserver(() => {
      height.value = ref.current?.clientHeight ?? 0;
    });
    if (ref.current) {
      observer.observe(ref.current);
      height.value = ref.current.clientHeight;
    }
    return () => observer.disconnect();
  }, [ref, height]);
  return height;
}

/** Whether the page was scrolled a moment ago. */
function useRecentScroll(): Signal<boolean> {
  const isRecent = useSignal(false);
  useEffect(() => {
    let timer = 0;
    const note = () => {
      isRecent.value = true;
      clearTimeout(timer);
      timer = setTimeout(() => {
        isRecent.value = false;
      }, SCROLL_MS) as unknown as number;
    };
    addEventListener("scroll", note, { passive: true });
    return () => {
      removeEventListener("scroll", note);
      clearTimeout(timer);
    };
  }, [isRecent]);
  return isRecent;
}
