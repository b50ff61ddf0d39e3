// The selected images of a list: single images, or the whole list, whether or not it is loaded.

import { computed, signal } from "@preact/signals";
import * as messages from "#messages/library";
import { wordsFor } from "../http";
import type { ImageSummary } from "../schemas";
import { announce, toast } from "../ui/toasts";
import type { BulkTarget } from "./bulk";
import type { Feed } from "./feed";
import { type Layout, rowsBetween } from "./rows";

export interface SelectedIds {
  readonly ids: ReadonlySet<string>;
  /** The image that was selected last: the start of the next range. */
  readonly anchor: string | null;
}

export interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export const NOTHING: SelectedIds = { ids: new Set(), anchor: null };

/** Add an image, or remove it if it is selected. */
export function toggle({ ids }: SelectedIds, id: string): SelectedIds {
  const next = new Set(ids);
  if (!next.delete(id)) {
    next.add(id);
  }
  return { ids: next, anchor: id };
}

/** Add all images from the anchor to an image, in the order of the list; only that image without an anchor. */
export function extendTo({ ids, anchor }: SelectedIds, id: string, order: readonly string[]): SelectedIds {
  const to = order.indexOf(id);
  const from = anchor === null || !order.includes(anchor) ? to : order.indexOf(anchor);
  const range = order.slice(Math.min(from, to), Math.max(from, to) + 1);
  return { ids: new Set([...ids, ...range]), anchor: anchor ?? id };
}

/** Return the indices of the images that overlap a rectangle in the layout's coordinates. */
export function tilesIn(layout: Layout, { left, top, right, bottom }: Rectangle): number[] {
  return rowsBetween(layout, top, bottom)
    .flatMap(({ tiles }) => tiles)
    .filter((tile) => tile.left < right && tile.left + tile.width > left)
    .map(({ index }) => index);
}

/** A whole list as the target of a change, with the number of its images. */
export interface Whole {
  readonly target: BulkTarget;
  readonly size: number;
}

export class Selection {
  readonly selected = signal<SelectedIds>(NOTHING);
  /** The whole list; null if single images are selected. */
  readonly whole = signal<Whole | null>(null);
  readonly isCounting = signal(false);
  /** The selected images that are loaded. Images that left the list are not selected. */
  readonly images = computed(() => this.feed.images.value.filter((image) => this.has(image)));
  readonly size = computed(() => this.whole.value?.size ?? this.images.value.length);

  /** Whether all selected images that are loaded and could be favourites are some. */
  readonly isFavourite = computed(() => {
    const ready = this.images.value.filter(({ state }) => state === "ready");
    return ready.length > 0 && ready.every(({ favourite }) => favourite);
  });

  constructor(
    readonly feed: Feed,
    private readonly readWhole: () => Promise<Whole>,
  ) {}

  has({ id, state }: Pick<ImageSummary, "id" | "state">): boolean {
    return this.whole.value ? state !== "pending" && state !== "failed" : this.selected.value.ids.has(id);
  }

  get target(): BulkTarget {
    return this.whole.value?.target ?? { ids: this.images.value.map(({ id }) => id) };
  }

  toggle(id: string): void {
    this.select(toggle(this.loaded(), id));
  }

  extendTo(id: string): void {
    this.select(extendTo(this.loaded(), id, this.order()));
  }

  add(base: SelectedIds, ids: readonly string[]): void {
    this.select({ ids: new Set([...base.ids, ...ids]), anchor: ids.at(-1) ?? base.anchor });
  }

  addLoaded(): void {
    this.add(NOTHING, this.order());
  }

  clear(): void {
    this.select(NOTHING);
  }

  /** Count the whole list, then select it. */
  async addWhole(): Promise<void> {
    this.isCounting.value = true;
    try {
      this.whole.value = await this.readWhole();
      this.announceSize();
    } catch (error) {
      toast(wordsFor(error), "failed");
    }
    this.isCounting.value = false;
  }

  /** Return the selection as single images. Of a whole list, these are the loaded ones. */
  loaded(): SelectedIds {
    const { anchor } = this.selected.value;
    return this.whole.value ? { ids: new Set(this.images.value.map(({ id }) => id)), anchor } : this.selected.value;
  }

  private order(): readonly string[] {
    return this.feed.images.value.map(({ id }) => id);
  }

  private select(selected: SelectedIds): void {
    this.whole.value = null;
    this.selected.value = selected;
    this.announceSize();
  }

  private announceSize(): void {
    announce(this.size.value ? messages.countSelected(this.size.value) : messages.selectionCleared);
  }
}
