// The grid. Only rows near the viewport are in the page, however long the list is. It is one tab stop: arrow keys move
// the focus.

import { type Signal, useSignal, useSignalEffect } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import * as controls from "#messages/controls";
import { formatPhotos } from "#messages/formats";
import type { ImageSummary } from "../schemas";
import { currentFeed, focusedImageId } from "./current-feed";
import { showsTags } from "./density";
import type { Feed } from "./feed";
import { barHeight, GridPlace, OVERSCAN_VIEWPORTS, type Range, useGridPlace } from "./grid-place";
import { useResize } from "./grid-resize";
import type { Group } from "./groups";
import { currentMeasures } from "./layout";
import { type Layout, layOut, neighbour, type Row, rowOf, rowsBetween, sectionsBetween, type Tile } from "./rows";
import { isRightToLeft } from "./text-direction";
import { TileView } from "./tile";

const PREFETCH_VIEWPORTS = 2; // the next page is fetched this far ahead of the first and the last row

const OVERSCAN_SHARE = OVERSCAN_VIEWPORTS / (1 + 2 * OVERSCAN_VIEWPORTS); // of a range, above the screen

const DIRECTIONS: Readonly<Record<string, (layout: Layout, index: number) => number>> = {
  ArrowLeft: (_, index) => index - 1,
  ArrowRight: (_, index) => index + 1,
  ArrowUp: (layout, index) => neighbour(layout, index, -1),
  ArrowDown: (layout, index) => neighbour(layout, index, 1),
};

const MIRRORED: Readonly<Record<string, string>> = { ArrowLeft: "ArrowRight", ArrowRight: "ArrowLeft" };

interface GridProps {
  readonly feed: Feed;
  readonly place?: GridPlace;
}

export function Grid({ feed, place: given }: GridProps) {
  const ownPlace = useMemo(() => new GridPlace(), []);
  const place = given ?? ownPlace;
  const { ref, width, view, layout, heading, covered, isMoving } = useGridPlace(feed, place);
  const focused = useSignal("");
  const indexOf = (id: string) => feed.images.peek().findIndex((image) => image.id === id);
  usePrefetch(feed, width, view, layout);
  useResize(ref, place);

  useEffect(() => {
    currentFeed.value = feed;
    return () => {
      currentFeed.value = currentFeed.peek() === feed ? null : currentFeed.peek();
    };
  }, [feed]);

  useSignalEffect(() => {
    if (focusedImageId.value) {
      focusTile(indexOf(focusedImageId.value));
      focusedImageId.value = "";
    }
  });

  const move = (event: KeyboardEvent) => {
    const id = idAt(event.target as HTMLElement);
    const step = DIRECTIONS[isRightToLeft() ? (MIRRORED[event.key] ?? event.key) : event.key];
    if (!(id && step) || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    event.preventDefault();
    focusTile(step(layout.value, indexOf(id)));
  };

  const focusTile = (index: number) => {
    const image = feed.images.peek()[index];
    const row = rowOf(layout.peek(), index);
    const grid = ref.current;
    if (!(image && row && grid)) {
      return;
    }
    const top = grid.getBoundingClientRect().top + row.top;
    const bottom = innerHeight - barHeight();
    if (top < covered()) {
      scrollBy(0, top - covered());
    } else if (top + row.height > bottom) {
      scrollBy(0, top + row.height - bottom);
    }
    // The scroll event adds the row to the page, which takes a frame.
    requestAnimationFrame(() =>
      requestAnimationFrame(() => grid.querySelector<HTMLElement>(`[data-id="${image.id}"] .tile-link`)?.focus()),
    );
  };

  useEffect(() => {
    let shown = feed.images.peek();
    // Not an effect of the component: it would run after the tile has left the page, and the focus with it.
    return feed.images.subscribe((images) => {
      const id = ref.current?.contains(document.activeElement) ? idAt(document.activeElement) : undefined;
      const before = shown.findIndex((image) => image.id === id);
      shown = images;
      if (before >= 0 && !images.some((image) => image.id === id)) {
        focusTile(Math.min(before, images.length - 1));
      }
    });
  }, [feed]);

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only moves the focus between its links
    <div
      ref={ref}
      class={showsTags.value ? "grid with-tags" : "grid"}
      data-moving={isMoving}
      style={{ height: `${layout.value.height}px` }}
      onKeyDown={move}
      onFocusIn={({ target }) => {
        focused.value = idAt(target as HTMLElement) ?? focused.value;
      }}
    >
      <Sections feed={feed} focused={focused.value} layout={layout.value} view={view} heading={heading} />
    </div>
  );
}

/** Return the id of the image whose tile contains an element. */
function idAt(element: Element | null): string | undefined {
  return element?.closest<HTMLElement>("[data-id]")?.dataset["id"];
}

interface SectionsProps {
  readonly feed: Feed;
  /** The id of the image that had the focus last. */
  readonly focused: string;
  readonly layout: Layout;
  readonly view: Signal<Range>;
  readonly heading: number;
}

/** The sections in the range, with the rows that are in it. */
function Sections({ feed, focused, layout, view, heading }: SectionsProps) {
  const { from, to } = view.value;
  const rows = rowsBetween(layout, from, to);
  const tabStop = findTabStop(rows, feed, focused, view.value);
  return sectionsBetween(layout, from, to).map(({ group, top, height }) => (
    <div key={group.key} class="grid-section" style={{ "--top": `${top}px`, height: `${height}px` }}>
      {group.heading && (
        <h2 class="grid-heading" style={{ height: `${heading}px` }}>
          {group.heading}
          {isWhole(feed, group) && <HeadingNote text={formatPhotos(group.end - group.first)} />}
          {group.note && <HeadingNote text={group.note} />}
        </h2>
      )}
      <ul>
        {rows
          .filter(({ first }) => first >= group.first && first < group.end)
          .flatMap((row) => tilesOf(row, top, feed, tabStop))}
      </ul>
    </div>
  ));
}

/** A note after a heading. For screen readers, a comma separates it, because the heading may end with a year. */
function HeadingNote({ text }: { text: string }) {
  return (
    <>
      <span class="hidden-text">, </span>
      <span class="grid-note">{text}</span>
    </>
  );
}

/** Whether all images of a group are loaded. */
function isWhole(feed: Feed, { first, end }: Group): boolean {
  const isStart = first > 0 || feed.above.value === "end";
  return isStart && (end < feed.images.value.length || feed.status.value === "end");
}

/** Return the image that Tab goes to: the last one with the focus, or else the first one on the screen. */
function findTabStop(rows: readonly Row[], feed: Feed, focused: string, { from, to }: Range): string {
  const ids = rows.map(({ tiles }) => tiles.map(({ index }) => feed.images.value[index]?.id ?? ""));
  if (ids.flat().includes(focused)) {
    return focused;
  }
  const screenTop = from + (to - from) * OVERSCAN_SHARE;
  const row = Math.max(
    0,
    rows.findIndex(({ top }) => top >= screenTop),
  );
  return ids[row]?.[0] ?? "";
}

interface RenderedTile {
  readonly image: ImageSummary;
  readonly tabIndex: 0 | -1;
  readonly element: VNode;
}

// The tiles as they were rendered last. Preact skips an element that it gets again: while the grid is scrolled, it renders
// only the tiles that come into the page.
const renderedTiles = new WeakMap<Tile, RenderedTile>();

function tilesOf({ tiles, top, height }: Row, sectionTop: number, feed: Feed, tabStop: string) {
  return tiles.map((tile) => {
    const image = feed.images.value[tile.index];
    const tabIndex = image?.id === tabStop ? 0 : -1;
    const before = renderedTiles.get(tile);
    if (!image || (before?.image === image && before.tabIndex === tabIndex)) {
      return before?.element;
    }
    const element = (
      <TileView
        key={image.id}
        image={image}
        top={top - sectionTop}
        left={tile.left}
        width={tile.width}
        height={height}
        feed={feed}
        tabIndex={tabIndex}
      />
    );
    renderedTiles.set(tile, { image, tabIndex, element });
    return element;
  });
}

/** Load pages before the screen reaches them, below and above the loaded images. */
function usePrefetch(feed: Feed, width: Signal<number>, view: Signal<Range>, layout: { readonly value: Layout }): void {
  useSignalEffect(() => {
    const ahead = innerHeight * PREFETCH_VIEWPORTS;
    if (width.value && feed.status.value === "idle" && view.value.to + ahead > layout.value.height) {
      void feed.more();
    }
    if (width.value && feed.above.value === "idle" && view.value.from - ahead < 0) {
      void feed.moreAbove();
    }
  });
}

/** Grey rows while the first page loads. */
export function GridSkeleton() {
  const ref = useRef<HTMLDivElement>(null);
  const width = useSignal(0);
  useEffect(() => {
    width.value = ref.current?.clientWidth ?? 0;
  }, [width]);
  const measures = currentMeasures(width.value);
  const { heading } = measures;
  const { rows, height } = layOut(UNLOADED, measures, [UNLOADED_GROUP]);
  return (
    <div
      ref={ref}
      class="grid"
      style={{ height: `${height}px` }}
      role="status"
      aria-busy="true"
      aria-label={controls.loading}
    >
      <div class="grid-heading" style={{ height: `${heading}px` }}>
        <span class="skeleton skeleton-heading" />
      </div>
      {rows.flatMap(({ tiles, top, height: rowHeight }) =>
        tiles.map((tile) => (
          <span
            key={tile.index}
            class="tile skeleton"
            style={{
              translate: `calc(var(--flow) * ${tile.left}px) ${top}px`,
              width: `${tile.width}px`,
              height: `${rowHeight}px`,
            }}
          />
        )),
      )}
    </div>
  );
}

const SHAPES = [1.5, 0.75, 1.33, 1.78, 1, 1.5, 1.33, 0.67, 1.5, 1.33];
const UNLOADED = Array.from({ length: 30 }, (_, index) => ({
  id: String(index),
  width: 100 * (SHAPES[index % SHAPES.length] ?? 1),
  height: 100,
}));
const UNLOADED_GROUP = { key: "", heading: controls.loading, note: "", first: 0, end: UNLOADED.length };
