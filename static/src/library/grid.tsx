// The grid. Only rows near the viewport are in the page, however long the list is. Arrow keys move the focus.

import { type Signal, useComputed, useSignal, useSignalEffect } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { currentFeed, focusedImageId } from "./current-feed";
import { dayName, midnight } from "./days";
import type { Feed } from "./feed";
import { type Layout, layOut, measuresFor, neighbour, rowOf, rowsBetween } from "./rows";
import { TileView } from "./tile";

const PREFETCH_VIEWPORTS = 2; // the next page is fetched this far ahead of the last row
const OVERSCAN_VIEWPORTS = 0.75; // rows this far above and below the viewport are in the page
const BAR_HEIGHT = 72; // bars at the top and the bottom can cover a row

const DIRECTIONS: Readonly<Record<string, (layout: Layout, index: number) => number>> = {
  ArrowLeft: (_, index) => index - 1,
  ArrowRight: (_, index) => index + 1,
  ArrowUp: (layout, index) => neighbour(layout, index, -1),
  ArrowDown: (layout, index) => neighbour(layout, index, 1),
};

/** In CSS pixels from the grid's top. */
interface Range {
  readonly from: number;
  readonly to: number;
}

export function Grid({ feed }: { feed: Feed }) {
  const ref = useRef<HTMLDivElement>(null);
  const width = useSignal(0);
  const view = useSignal<Range>({ from: 0, to: 0 });
  const layout = useComputed(() => {
    const today = midnight(new Date());
    return layOut(feed.images.value, measuresFor(width.value), ({ created_at }) => dayName(created_at, today));
  });
  const rows = useComputed(() => rowsBetween(layout.value, view.value.from, view.value.to));

  useVisibleRange(ref, width, view);
  useSignalEffect(() => {
    if (
      width.value &&
      feed.status.value === "idle" &&
      view.value.to + innerHeight * PREFETCH_VIEWPORTS > layout.value.height
    ) {
      void feed.more();
    }
  });

  useEffect(() => {
    currentFeed.value = feed;
    return () => {
      currentFeed.value = currentFeed.peek() === feed ? null : currentFeed.peek();
    };
  }, [feed]);

  useSignalEffect(() => {
    if (focusedImageId.value) {
      focusTile(feed.images.peek().findIndex(({ id }) => id === focusedImageId.value));
      focusedImageId.value = "";
    }
  });

  const move = (event: KeyboardEvent) => {
    const id = (event.target as HTMLElement).closest<HTMLElement>("[data-id]")?.dataset["id"];
    const step = DIRECTIONS[event.key];
    if (!(id && step) || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    event.preventDefault();
    const index = feed.images.value.findIndex((image) => image.id === id);
    focusTile(step(layout.value, index));
  };

  const focusTile = (index: number) => {
    const image = feed.images.value[index];
    const row = rowOf(layout.value, index);
    const grid = ref.current;
    if (!(image && row && grid)) {
      return;
    }
    const top = grid.getBoundingClientRect().top + row.top;
    if (top < BAR_HEIGHT) {
      scrollBy(0, top - BAR_HEIGHT);
    } else if (top + row.height > innerHeight - BAR_HEIGHT) {
      scrollBy(0, top + row.height - innerHeight + BAR_HEIGHT);
    }
    // The scroll event adds the row to the page, which takes a frame.
    requestAnimationFrame(() =>
      requestAnimationFrame(() => grid.querySelector<HTMLElement>(`[data-id="${image.id}"] .tile-link`)?.focus()),
    );
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only moves the focus between its links
    <div ref={ref} class="grid" style={{ height: `${layout.value.height}px` }} onKeyDown={move}>
      {rows.value.map((row) =>
        row.heading ? (
          <h2 key={`h${row.first}`} class="grid-heading" style={{ top: `${row.top}px`, height: `${row.height}px` }}>
            {row.heading}
          </h2>
        ) : (
          <ul key={row.first} class="grid-row" style={{ top: `${row.top}px`, height: `${row.height}px` }}>
            {row.tiles.map(({ index, left, width: tileWidth }) => {
              const image = feed.images.value[index];
              return image && <TileView key={image.id} image={image} left={left} width={tileWidth} feed={feed} />;
            })}
          </ul>
        ),
      )}
    </div>
  );
}

/** Keep the grid's width, and the vertical range of it whose rows are in the page. */
function useVisibleRange(ref: RefObject<HTMLDivElement | null>, width: Signal<number>, view: Signal<Range>): void {
  useLayoutEffect(() => {
    const grid = ref.current;
    if (!grid) {
      return;
    }
    const measure = () => {
      const top = grid.getBoundingClientRect().top;
      const margin = innerHeight * OVERSCAN_VIEWPORTS;
      view.value = { from: -top - margin, to: -top + innerHeight + margin };
    };
    const observer = new ResizeObserver(() => {
      width.value = grid.clientWidth;
      measure();
    });
    observer.observe(grid);
    addEventListener("scroll", measure, { passive: true });
    addEventListener("resize", measure);
    width.value = grid.clientWidth;
    measure();
    return () => {
      observer.disconnect();
      removeEventListener("scroll", measure);
      removeEventListener("resize", measure);
    };
  }, [ref, view, width]);
}

/** Grey rows while the first page loads. */
export function GridSkeleton() {
  const ref = useRef<HTMLDivElement>(null);
  const width = useSignal(0);
  useEffect(() => {
    width.value = ref.current?.clientWidth ?? 0;
  }, [width]);
  const { rows, height } = layOut(UNLOADED, measuresFor(width.value), () => "Loading");
  return (
    <div ref={ref} class="grid" style={{ height: `${height}px` }} role="status" aria-busy="true" aria-label="Loading">
      {rows.map((row) =>
        row.heading ? (
          <div key={row.top} class="grid-heading" style={{ top: `${row.top}px`, height: `${row.height}px` }}>
            <span class="skeleton skeleton-heading" />
          </div>
        ) : (
          <div key={row.top} class="grid-row" style={{ top: `${row.top}px`, height: `${row.height}px` }}>
            {row.tiles.map((tile) => (
              <span
                key={tile.index}
                class="tile skeleton"
                style={{ left: `${tile.left}px`, width: `${tile.width}px` }}
              />
            ))}
          </div>
        ),
      )}
    </div>
  );
}

const SHAPES = [1.5, 0.75, 1.33, 1.78, 1, 1.5, 1.33, 0.67, 1.5, 1.33];
const UNLOADED = Array.from({ length: 30 }, (_, index) => ({
  id: String(index),
  width: 100 * (SHAPES[index % SHAPES.length] ?? 1),
  height: 100,
  created_at: "",
}));
