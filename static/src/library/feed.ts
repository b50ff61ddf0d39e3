// A list of images that is read page by page: the library or a search. Newest first, which is descending order of ids.

import { computed, signal } from "@preact/signals";
import { Problem, pause, wordsFor } from "../http";
import type { ImageSummary } from "../schemas";

export interface FeedPage {
  readonly images: readonly ImageSummary[];
  readonly next: string | null;
}

export type FetchPage = (cursor: string | null, limit: number) => Promise<FeedPage>;

/** `end`: all pages are loaded. */
export type FeedStatus = "loading" | "idle" | "end" | "failed";

const FIRST_PAGE = 50;
const PAGE = 100;
const POLL_MS = 1000;
const POLL_MAX_MS = 8000;

export class Feed {
  readonly images = signal<readonly ImageSummary[]>([]);
  readonly status = signal<FeedStatus>("idle");
  readonly problem = signal("");
  /** The index of the character where the query is wrong; null for other problems. */
  readonly position = signal<number | null>(null);
  /** The ids of images that became ready while this list was watched. */
  readonly fresh = signal<ReadonlySet<string>>(new Set());
  readonly isEmpty = computed(() => this.status.value === "end" && this.images.value.length === 0);

  private cursor: string | null = null;
  private watching: AbortController | null = null;

  constructor(private readonly fetchPage: FetchPage) {}

  /** Load the next page, unless it is being loaded or there is none. */
  async more(): Promise<void> {
    if (this.status.value === "loading" || this.status.value === "end") {
      return;
    }
    this.status.value = "loading";
    try {
      await this.loadMore();
    } catch (error) {
      this.problem.value = wordsFor(error);
      this.position.value = error instanceof Problem ? error.position : null;
      this.status.value = "failed";
    }
  }

  private async loadMore(): Promise<void> {
    const before = this.images.value.length;
    // A page can be empty although it isn't the last.
    while (this.images.value.length === before) {
      const page = await this.fetchPage(this.cursor, before === 0 ? FIRST_PAGE : PAGE);
      this.images.value = [...this.images.value, ...page.images.filter(({ id }) => !this.has(id))];
      this.cursor = page.next;
      if (page.next === null) {
        this.status.value = "end";
        return;
      }
    }
    this.status.value = "idle";
  }

  /** Reload the newest images, down to the last pending one. Adds new images and removes deleted ones. */
  async refresh(): Promise<void> {
    const reach = this.images.value.findLast(({ state }) => state === "pending")?.id ?? "";
    let cursor: string | null = null;
    const head: ImageSummary[] = [];
    do {
      const page: FeedPage = await this.fetchPage(cursor, PAGE);
      head.push(...page.images);
      cursor = page.next;
    } while (cursor !== null && reach !== "" && (head.at(-1)?.id ?? "~") > reach);
    this.take(head, cursor === null);
  }

  private take(head: readonly ImageSummary[], isWhole: boolean): void {
    const before = this.images.value;
    this.images.value = mergeHead(before, head, isWhole);
    const wasPending = new Set(before.filter(({ state }) => state === "pending").map(({ id }) => id));
    const ready = head.filter(({ id, state }) => state === "ready" && wasPending.has(id)).map(({ id }) => id);
    if (ready.length) {
      this.fresh.value = new Set([...this.fresh.value, ...ready]);
    }
  }

  /** Refresh until no image is pending, less often while nothing changes. A second call restarts it. */
  async watch(): Promise<void> {
    this.unwatch();
    this.watching = new AbortController();
    const ended = this.watching.signal;
    let wait = POLL_MS;
    while (!ended.aborted && this.images.value.some(({ state }) => state === "pending")) {
      await pause(wait, ended).catch(() => {});
      if (ended.aborted) {
        return;
      }
      const before = summaryOf(this.images.value);
      await this.refresh().catch(() => {});
      wait = summaryOf(this.images.value) === before ? Math.min(POLL_MAX_MS, wait * 1.5) : POLL_MS;
    }
  }

  unwatch(): void {
    this.watching?.abort();
  }

  has(id: string): boolean {
    return this.images.value.some((image) => image.id === id);
  }

  /** Insert an image at its place, or replace an older state of it. */
  put(image: ImageSummary): void {
    const others = this.images.value.filter(({ id }) => id !== image.id);
    const place = others.findIndex(({ id }) => id < image.id);
    this.images.value = place < 0 ? [...others, image] : others.toSpliced(place, 0, image);
  }

  remove(ids: ReadonlySet<string>): void {
    this.images.value = this.images.value.filter(({ id }) => !ids.has(id));
  }
}

/** Replace the newest images of a list; all of it if `isWhole`. Known links are kept, so that no picture is reloaded. */
export function mergeHead(
  before: readonly ImageSummary[],
  head: readonly ImageSummary[],
  isWhole: boolean,
): readonly ImageSummary[] {
  const loaded = new Map(before.map((image) => [image.id, image]));
  const last = head.at(-1)?.id;
  const rest = isWhole || last === undefined ? [] : before.filter(({ id }) => id < last);
  return [...head.map((image) => ({ ...image, links: loaded.get(image.id)?.links ?? image.links })), ...rest];
}

function summaryOf(images: readonly ImageSummary[]): string {
  return images.map(({ id, state }) => id + state).join();
}
