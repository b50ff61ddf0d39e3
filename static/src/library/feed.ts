// A list of images that is read page by page in both directions: the library, a search, or the trash.

import { batch, computed, type ReadonlySignal, signal } from "@preact/signals";
import { Problem, wordsFor } from "../http";
import type { ImageSummary, QuerySuggestion } from "../schemas";
import { Arrivals } from "./feed-arrivals";
import { insertImages, type Loaded, mergeHead, mergeRecent } from "./feed-merge";
import { FIRST_PAGE, type Opened, openAt, type Place } from "./feed-opening";
import {
  type Direction,
  type FeedPage,
  type FeedStatus,
  type FetchPage,
  isUnsuccessful,
  statusAfter,
} from "./feed-page";
import { readRecent } from "./feed-recent";
import { addedKey, monthOf, type Order, orderKey } from "./order-key";

interface FeedOptions {
  readonly order?: ReadonlySignal<Order>;
  /** The sort keys of a list that PixTag sorts in another way. Greater keys come first. */
  readonly keyOf?: (image: ImageSummary) => string;
  /** Reads the images of the same list by their uploads, newest first. Images that become ready can change their place. */
  readonly fetchRecent?: FetchPage;
  /** Whether a page can begin at the sort key of any image, in both directions. Then a long list drops distant images. */
  readonly hasKeyCursors?: boolean;
}

const PAGE = 100;
const MAX_LOADED = 4_000; // so that the memory of a long list stays bounded
const KEPT = 2_000;

export class Feed {
  readonly order: ReadonlySignal<Order>;
  readonly keyOf: (image: ImageSummary) => string;
  readonly images = signal<readonly ImageSummary[]>([]);
  /** Of the pages below the loaded images. */
  readonly status = signal<FeedStatus>("idle");
  /** Of the pages above them. Only a list that was opened at another place than its newest image has some. */
  readonly above = signal<FeedStatus>("end");
  readonly problem = signal("");
  /** The index of the character where the query is wrong; null for other problems. */
  readonly position = signal<number | null>(null);
  /** A query that is probably meant instead of a wrong one; null if none is known. */
  readonly correction = signal<string | null>(null);
  /** Other queries that the person may mean. */
  readonly suggestions = signal<readonly QuerySuggestion[]>([]);
  /** The date down to which a search for a text has compared images; null if that is not known. */
  readonly searchedUntil = signal<string | null>(null);
  readonly arrivals = new Arrivals();
  readonly isEmpty = computed(
    () => this.status.value === "end" && this.above.value === "end" && this.images.value.length === 0,
  );

  private readonly fetchRecent: FetchPage | null;
  private readonly hasKeyCursors: boolean;
  private cursor: string | null = null;
  private cursorAbove: string | null = null;
  private visit = 0; // increases with each jump, so that older responses are dropped

  constructor(
    private readonly fetchPage: FetchPage,
    { order = signal<Order>("taken"), keyOf, fetchRecent, hasKeyCursors = false }: FeedOptions = {},
  ) {
    this.order = order;
    this.keyOf = keyOf ?? ((image) => orderKey(image, this.order.value));
    this.fetchRecent = fetchRecent ?? null;
    this.hasKeyCursors = hasKeyCursors;
  }

  /** Load the next page below, unless it is being loaded or there is none. */
  async more(): Promise<void> {
    if (this.status.value === "loading" || this.status.value === "end") {
      return;
    }
    const visit = this.visit;
    this.status.value = "loading";
    try {
      const page = await this.read(this.cursor, this.images.value.length ? PAGE : FIRST_PAGE, "desc");
      if (visit === this.visit) {
        batch(() => {
          this.cursor = page.next;
          this.searchedUntil.value = page.searched_until ?? null;
          this.append(page.images);
          this.status.value = statusAfter(page);
          this.dropAbove();
        });
      }
    } catch (error) {
      if (visit === this.visit) {
        this.fail(error);
      }
    }
  }

  /** Load the next page above, unless it is being loaded or there is none. */
  async moreAbove(): Promise<void> {
    if (this.above.value === "loading" || this.above.value === "end") {
      return;
    }
    const visit = this.visit;
    this.above.value = "loading";
    try {
      const page = await this.read(this.cursorAbove, PAGE, "asc");
      if (visit === this.visit) {
        batch(() => {
          this.cursorAbove = page.next;
          this.prepend(page.images);
          this.above.value = statusAfter(page);
          this.dropBelow();
        });
      }
    } catch {
      this.above.value = visit === this.visit ? "failed" : this.above.value;
    }
  }

  /** Open the list at another place, then call `onOpened`. Until then, and if it fails, the loaded images stay. */
  async jump(place: Place, onOpened = () => {}): Promise<void> {
    this.visit += 1;
    const visit = this.visit;
    try {
      const opened = await openAt(place, (from, limit, direction) => this.read(from, limit, direction, true));
      if (visit === this.visit) {
        batch(() => {
          this.show(opened);
          onOpened();
        });
      }
    } catch (error) {
      if (visit === this.visit) {
        // A page that was being loaded was dropped.
        this.status.value = this.cursor === null && this.images.value.length ? "end" : "idle";
        this.above.value = this.cursorAbove === null ? "end" : "idle";
        throw error;
      }
    }
  }

  private show({ images, below, above }: Opened): void {
    this.images.value = images;
    this.arrivals.note(images);
    this.cursor = below;
    this.cursorAbove = above;
    this.status.value = below === null ? "end" : "idle";
    this.above.value = above === null ? "end" : "idle";
  }

  /** Drop the loaded images, because the order of the list changes. */
  reset(): void {
    this.visit += 1;
    this.cursor = null;
    this.images.value = [];
    this.status.value = "idle";
    this.above.value = "end";
  }

  /** Read pages until one has new images. A page can be empty although it isn't the last. */
  private async read(from: string | null, limit: number, direction: Direction, isOpening = false): Promise<FeedPage> {
    const visit = this.visit;
    let cursor = from;
    for (;;) {
      const page = await this.fetchPage(cursor, limit, direction);
      const { images, next, suggestions } = page;
      if (cursor === null && suggestions && visit === this.visit) {
        this.suggestions.value = suggestions;
      }
      const isNew = images.some(({ id }) => isOpening || !this.has(id));
      if (next === null || visit !== this.visit || isNew || isUnsuccessful(page)) {
        return page;
      }
      cursor = next;
    }
  }

  private append(images: readonly ImageSummary[]): void {
    this.images.value = [...this.images.value, ...images.filter(({ id }) => !this.has(id))];
    this.arrivals.note(images);
  }

  private prepend(images: readonly ImageSummary[]): void {
    this.images.value = [...images.filter(({ id }) => !this.has(id)).toReversed(), ...this.images.value];
    this.arrivals.note(images);
  }

  /** Drop the first images of a long list. They are read again when they come near the screen. */
  private dropAbove(): void {
    const images = this.images.value.slice(-KEPT);
    const first = images[0];
    if (first && this.canDrop() && this.above.value !== "loading") {
      this.images.value = images;
      this.cursorAbove = this.keyOf(first);
      this.above.value = "idle";
    }
  }

  /** Drop the last images of a long list. */
  private dropBelow(): void {
    const images = this.images.value.slice(0, KEPT);
    const last = images.at(-1);
    if (last && this.canDrop() && this.status.value !== "loading") {
      this.images.value = images;
      this.cursor = this.keyOf(last);
      this.status.value = "idle";
    }
  }

  private canDrop(): boolean {
    return this.hasKeyCursors && this.images.value.length > MAX_LOADED;
  }

  private fail(error: unknown): void {
    this.problem.value = wordsFor(error);
    this.position.value = error instanceof Problem ? error.position : null;
    this.correction.value = error instanceof Problem ? error.suggestion : null;
    this.status.value = "failed";
  }

  private loaded(): Loaded {
    return {
      images: this.images.value,
      keyOf: this.keyOf,
      isTop: this.above.value === "end" && (this.images.value.length > 0 || this.status.value === "end"),
      isBottom: this.status.value === "end",
    };
  }

  /** Reload the newest images, down to the last pending one. Adds new images and removes deleted ones. */
  async refresh(): Promise<void> {
    const visit = this.visit;
    if (this.fetchRecent) {
      const { images, isWhole } = await readRecent(this.fetchRecent, [...this.arrivals.images.value.values()]);
      if (visit === this.visit) {
        this.takeRecent(images, isWhole);
      }
      return;
    }
    const top = this.images.value[0];
    const from = this.above.value === "end" || !top ? null : monthOf(this.keyOf(top));
    if (from === "") {
      return;
    }
    const { images, next } = await this.fetchPage(from, PAGE, "desc");
    if (visit === this.visit) {
      this.images.value = mergeHead(this.images.value, images, next === null, this.keyOf);
    }
  }

  private takeRecent(recent: readonly ImageSummary[], isWhole: boolean): void {
    const oldest = recent.at(-1);
    const since = isWhole || !oldest ? "" : addedKey(oldest);
    this.images.value = mergeRecent(this.loaded(), recent, since);
    this.arrivals.take(recent, since);
  }

  /** Refresh until no image is pending. A second call restarts it. */
  watch(): Promise<void> {
    return this.arrivals.watch(
      () => this.refresh(),
      () => this.images.value,
    );
  }

  has(id: string): boolean {
    return this.images.value.some((image) => image.id === id);
  }

  /** Insert an image at its place if that is loaded, and remove an older state of it. */
  put(image: ImageSummary): void {
    this.insert([image]);
    this.arrivals.note([image]);
  }

  /** Replace an image that was read again, unless it was removed meanwhile. */
  renew(image: ImageSummary): void {
    if (this.has(image.id)) {
      this.put(image);
    }
  }

  /** Insert an image that was uploaded here, and watch it, wherever its place is. */
  arrive(image: ImageSummary): void {
    this.arrivals.add(image);
    this.put(image);
  }

  /** Insert images at their places. Images whose places aren't loaded come with their pages. */
  insert(images: readonly ImageSummary[]): void {
    this.images.value = insertImages(this.loaded(), images);
  }

  remove(ids: ReadonlySet<string>): void {
    this.images.value = this.images.value.filter(({ id }) => !ids.has(id));
    this.arrivals.remove(ids);
  }
}
