// The place of a grid on the screen: the rows in the page, the image at the top, and the one to scroll to.

import { type Signal, signal, useComputed, useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Mark } from "../router";
import type { Feed } from "./feed";
import { currentMeasures, layOutList } from "./layout";
import { type Layout, rowOf, rowsBetween } from "./rows";

const BAR = ".bar";

export const OVERSCAN_VIEWPORTS = 0.75; // rows this far above and below the viewport are in the page

/** In CSS pixels from the grid's top. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** An image on the screen, which stays where it is while the list changes above it. */
interface Anchor {
  readonly id: string;
  readonly top: number;
}

/** The target that means the top of the page. */
export const TOP = "top";

export class GridPlace {
  /** The sort key of the image at the top of the screen; empty if there is none. */
  readonly topKey = signal("");
  /** The id of the image that the grid scrolls to next; empty if it doesn't. */
  readonly target = signal("");
  /** Where the target's row is shown, in CSS pixels from the window's top; null for below the heading. */
  targetTop: number | null = null;
  /** Which part of the row is there: 0 for its top, and 1 for its bottom. */
  targetShare = 0;
  /** The row at the top of the screen; null at the top of the list. */
  mark: Mark | null = null;
}

/** The height of the bar at the top, which covers the page. The navigation at the bottom of phones is about as high. */
export function barHeight(): number {
  return document.querySelector<HTMLElement>(BAR)?.offsetHeight ?? 0;
}

/** Whether the rows of a range contain those of another. */
function hasRows(layout: Layout, range: Range, wanted: Range): boolean {
  const rows = rowsBetween(layout, wanted.from, wanted.to);
  const shown = new Set(rowsBetween(layout, range.from, range.to));
  return rows.length > 0 && rows.every((row) => shown.has(row));
}

/** Lay out a list, and keep its place on the screen. */
export function useGridPlace(feed: Feed, place: GridPlace) {
  const ref = useRef<HTMLDivElement>(null);
  const anchor = useRef<Anchor | null>(null);
  const width = useSignal(0);
  const view = useSignal<Range>({ from: 0, to: 0 });
  const layout = useComputed(() => layOutList(feed.images.value, feed.order.value, width.value));
  const { heading, target: rowHeight } = currentMeasures(width.value);

  /** The height that the bar and the heading below it cover. */
  const covered = () => barHeight() + heading;
  const topOf = () => ref.current?.getBoundingClientRect().top ?? 0;
  const rowWith = (id: string) =>
    rowOf(layout.value, id ? feed.images.value.findIndex((image) => image.id === id) : -1);
  const measure = () => {
    const top = topOf();
    const margin = innerHeight * OVERSCAN_VIEWPORTS;
    const range = { from: -top - margin, to: -top + innerHeight + margin };
    // Rendering takes long. Rows leave the page when others come into it, so most scroll events change none.
    view.value = hasRows(layout.peek(), view.peek(), range) ? view.peek() : range;
    const images = feed.images.peek();
    const row = rowsBetween(layout.peek(), covered() - top, Number.POSITIVE_INFINITY)[0];
    const image = row && images[row.first];
    const isAtTop = top >= 0 && feed.above.peek() === "end";
    anchor.current = image && !isAtTop ? { id: image.id, top: top + row.top } : null;
    place.mark = anchor.current && image ? { ...anchor.current, key: feed.keyOf(image) } : null;
    const isAtEnd = feed.status.peek() === "end" && top < 0 && top + layout.peek().height <= innerHeight + 1;
    const shown = isAtEnd ? images.at(-1) : image;
    place.topKey.value = shown ? feed.keyOf(shown) : "";
  };
  useMeasure(ref, width, measure);

  const target = place.target.value;
  useLayoutEffect(() => {
    const wanted = rowWith(target);
    const kept = anchor.current;
    const row = kept && rowWith(kept.id);
    if (target === TOP) {
      scrollTo(0, 0);
    } else if (wanted) {
      scrollBy(0, topOf() + wanted.top + place.targetShare * wanted.height - (place.targetTop ?? covered()));
    } else if (kept && row && Math.abs(topOf() + row.top - kept.top) > 1) {
      scrollBy(0, topOf() + row.top - kept.top); // images that are added above the screen don't move those on it
    }
    if (wanted || target === TOP) {
      place.target.value = "";
      place.targetTop = null;
      place.targetShare = 0;
    }
    measure();
  }, [layout.value, target]);

  // At the top, images move to their new places. Elsewhere, the place is kept, and new sizes change all places.
  const shownHeight = useRef(0);
  const shownWidth = useRef(0);
  const isSameSize = shownWidth.current === width.value && shownHeight.current === rowHeight;
  const isMoving = anchor.current === null && isSameSize;
  shownWidth.current = width.value;
  shownHeight.current = rowHeight;

  return { ref, width, view, layout, heading, covered, isMoving };
}

/** Keep the grid's width, and measure its place after each change. */
function useMeasure(ref: RefObject<HTMLDivElement | null>, width: Signal<number>, measure: () => void): void {
  const latest = useRef(measure);
  latest.current = measure;
  useLayoutEffect(() => {
    const grid = ref.current;
    if (!grid) {
      return;
    }
    const run = () => latest.current();
    const observer = new ResizeObserver(() => {
      width.value = grid.clientWidth;
      run();
    });
    observer.observe(grid);
    addEventListener("scroll", run, { passive: true });
    addEventListener("resize", run);
    width.value = grid.clientWidth;
    run();
    return () => {
      observer.disconnect();
      removeEventListener("scroll", run);
      removeEventListener("resize", run);
    };
  }, [ref, width]);
}
