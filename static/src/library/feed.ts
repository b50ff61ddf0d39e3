// A list of images that is read page by page: the library, a search. Images are newest first, and so are their ids.

import { computed, signal } from "@preact/signals";
import { Problem, pause, wordsFor } from "../http";
import type { ImageSummary } from "../schemas";

export interface FeedPage {
  readonly images: readonly ImageSummary[];
  readonly next: string | null;
}

export type FetchPage = (cursor: string | null, limit: number) => Promise<FeedPage>;

/** `end`: all of it is here. */
export type FeedStatus = "loading" | "idle" | "end" | "failed";

const FIRST_PAGE = 50;
const PAGE = 100;
const POLL_MS = 1000;
const POLL_MAX_MS = 8000;

export class Feed {
  readonly images = signal<readonly ImageSummary[]>([]);
  readonly status = signal<FeedStatus>("idle");
  readonly problem = signal("");
  /** Where in the query the problem is, if it is there. */
  readonly position = signal<number | null>(null);
  /** The ids of images that became ready while they were watched. */
  readonly fresh = signal<ReadonlySet<string>>(new Set());
  readonly isEmpty = computed(() => this.status.value === "end" && this.images.value.length === 0);

  private cursor: string | null = null;
  private watching: AbortController | null = null;

  constructor(private readonly fetchPage: FetchPage) {}

  /** Read on, unless that is being done or all is here. */
  async more(): Promise<void> {
    if (this.status.value === "loading" || this.status.value === "end") {
      return;
    }
    this.status.value = "loading";
    try {
      await this.readOn();
    } catch (error) {
      this.problem.value = wordsFor(error);
      this.position.value = error instanceof Problem ? error.position : null;
      this.status.value = "failed";
    }
  }

  private async readOn(): Promise<void> {
    const before = this.images.value.length;
    // A page can be short, or empty, and not the last.
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

  /** Read the newest again, as far as the last image that is pending: what is new comes in, what is gone goes. */
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
    this.images.value = merged(before, head, isWhole);
    const wasPending = new Set(before.filter(({ state }) => state === "pending").map(({ id }) => id));
    const ready = head.filter(({ id, state }) => state === "ready" && wasPending.has(id)).map(({ id }) => id);
    if (ready.length) {
      this.fresh.value = new Set([...this.fresh.value, ...ready]);
    }
  }

  /** Refresh until no image is pending, seldomer while nothing changes. Watching twice is watching anew. */
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

  /** Put an image into its place, or a newer state of it in the place of the one that is there. */
  put(image: ImageSummary): void {
    const others = this.images.value.filter(({ id }) => id !== image.id);
    const place = others.findIndex(({ id }) => id < image.id);
    this.images.value = place < 0 ? [...others, image] : others.toSpliced(place, 0, image);
  }

  remove(ids: ReadonlySet<string>): void {
    this.images.value = this.images.value.filter(({ id }) => !ids.has(id));
  }
}

/** A list of which the newest were read again; `isWhole` if that is all there is. Links stay as long as they work. */
export function merged(
  before: readonly ImageSummary[],
  head: readonly ImageSummary[],
  isWhole: boolean,
): readonly ImageSummary[] {
  const known = new Map(before.map((image) => [image.id, image]));
  const last = head.at(-1)?.id;
  const rest = isWhole || last === undefined ? [] : before.filter(({ id }) => id < last);
  return [...head.map((image) => ({ ...image, links: known.get(image.id)?.links ?? image.links })), ...rest];
}

function summaryOf(images: readonly ImageSummary[]): string {
  return images.map(({ id, state }) => id + state).join();
}
