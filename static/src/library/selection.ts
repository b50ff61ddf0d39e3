// Which images of a list are selected: some of them, or all that the list means, be they loaded or not.

import { computed, signal } from "@preact/signals";
import { wordsFor } from "../http";
import type { ImageSummary } from "../schemas";
import { announce, toast } from "../ui/toasts";
import type { Target } from "./bulk";
import type { Feed } from "./feed";
import { type Layout, rowsBetween } from "./rows";

export interface Chosen {
  readonly ids: ReadonlySet<string>;
  /** Where a range begins: the image that was chosen last. */
  readonly anchor: string | null;
}

export interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export const NOTHING: Chosen = { ids: new Set(), anchor: null };

/** One image more, or one less. */
export function toggled({ ids }: Chosen, id: string): Chosen {
  const next = new Set(ids);
  if (!next.delete(id)) {
    next.add(id);
  }
  return { ids: next, anchor: id };
}

/** All from the anchor to an image too, in the order of the list; only that image if there is no anchor. */
export function stretched({ ids, anchor }: Chosen, id: string, order: readonly string[]): Chosen {
  const to = order.indexOf(id);
  const from = anchor === null || !order.includes(anchor) ? to : order.indexOf(anchor);
  const range = order.slice(Math.min(from, to), Math.max(from, to) + 1);
  return { ids: new Set([...ids, ...range]), anchor: anchor ?? id };
}

/** The pictures that a rectangle touches, by their indices; lengths as in the layout. */
export function touched(layout: Layout, { left, top, right, bottom }: Rectangle): number[] {
  return rowsBetween(layout, top, bottom)
    .flatMap(({ tiles }) => tiles)
    .filter((tile) => tile.left < right && tile.left + tile.width > left)
    .map(({ index }) => index);
}

/** What a list means as a whole: what to change, and how many images that is. */
export type Whole = () => Promise<{ readonly target: Target; readonly size: number }>;

export class Selection {
  readonly chosen = signal<Chosen>(NOTHING);
  /** All that the list means; null if images are selected one by one. */
  readonly whole = signal<{ readonly target: Target; readonly size: number } | null>(null);
  readonly isCounting = signal(false);
  /** Those selected that are loaded. What left the list is selected no more. */
  readonly images = computed(() => this.feed.images.value.filter((image) => this.has(image)));
  readonly size = computed(() => this.whole.value?.size ?? this.images.value.length);

  constructor(
    readonly feed: Feed,
    private readonly readWhole: Whole,
  ) {}

  has({ id, state }: Pick<ImageSummary, "id" | "state">): boolean {
    return this.whole.value ? state !== "pending" && state !== "failed" : this.chosen.value.ids.has(id);
  }

  get target(): Target {
    return this.whole.value?.target ?? { ids: this.images.value.map(({ id }) => id) };
  }

  toggle(id: string): void {
    this.choose(toggled(this.loaded(), id));
  }

  stretch(id: string): void {
    this.choose(stretched(this.loaded(), id, this.order()));
  }

  add(base: Chosen, ids: readonly string[]): void {
    this.choose({ ids: new Set([...base.ids, ...ids]), anchor: ids.at(-1) ?? base.anchor });
  }

  addLoaded(): void {
    this.add(NOTHING, this.order());
  }

  clear(): void {
    this.choose(NOTHING);
  }

  /** Select all that the list means, which is counted first. */
  async addWhole(): Promise<void> {
    this.isCounting.value = true;
    try {
      this.whole.value = await this.readWhole();
      this.say();
    } catch (error) {
      toast(wordsFor(error), "failed");
    }
    this.isCounting.value = false;
  }

  /** What is selected, one by one: of the whole, what is loaded. */
  loaded(): Chosen {
    const { anchor } = this.chosen.value;
    return this.whole.value ? { ids: new Set(this.images.value.map(({ id }) => id)), anchor } : this.chosen.value;
  }

  private order(): readonly string[] {
    return this.feed.images.value.map(({ id }) => id);
  }

  private choose(chosen: Chosen): void {
    this.whole.value = null;
    this.chosen.value = chosen;
    this.say();
  }

  private say(): void {
    announce(this.size.value ? `${this.size.value.toLocaleString("en-GB")} selected` : "Nothing is selected");
  }
}
