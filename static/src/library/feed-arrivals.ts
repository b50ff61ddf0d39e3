// The images of a list that were pending while it was watched. They are followed until they are ready.

import { signal } from "@preact/signals";
import { pause } from "../http";
import type { ImageSummary } from "../schemas";
import { addedKey } from "./order-key";

const POLL_MS = 1000;
const POLL_MAX_MS = 8000;

export class Arrivals {
  /** The images as they are now. Their places may not be loaded. */
  readonly images = signal<ReadonlyMap<string, ImageSummary>>(new Map());
  /** The ids of images that became ready. */
  readonly fresh = signal<ReadonlySet<string>>(new Set());

  private watching: AbortController | null = null;

  arePending(): boolean {
    return [...this.images.value.values()].some(({ state }) => state === "pending");
  }

  /** Follow an image that was uploaded here, whatever its state is. */
  add(image: ImageSummary): void {
    this.images.value = new Map([...this.images.value, [image.id, image]]);
  }

  /** Follow the pending ones of some images, and note the current states of those that are followed already. */
  note(images: readonly ImageSummary[]): void {
    const changed = images.filter((image) => image.state === "pending" || this.images.value.has(image.id));
    if (changed.length) {
      this.images.value = new Map([...this.images.value, ...changed.map((image) => [image.id, image] as const)]);
    }
  }

  remove(ids: ReadonlySet<string>): void {
    this.images.value = new Map([...this.images.value].filter(([id]) => !ids.has(id)));
  }

  /** Note the images that were added since a key. Those that are missing were deleted. */
  take(recent: readonly ImageSummary[], since: string): void {
    const before = this.images.value;
    const current = new Map(recent.map((image) => [image.id, image]));
    const ready = recent.filter(({ id, state }) => state === "ready" && before.get(id)?.state === "pending");
    this.images.value = new Map(
      [...before].flatMap(([id, image]) => {
        const now = current.get(id) ?? (addedKey(image) >= since ? null : image);
        return now ? [[id, now]] : [];
      }),
    );
    this.note(recent);
    if (ready.length) {
      this.fresh.value = new Set([...this.fresh.value, ...ready.map(({ id }) => id)]);
    }
  }

  /** Refresh the list until no image is pending, less often while nothing changes. A second call restarts it. */
  async watch(refresh: () => Promise<void>, readListed: () => readonly ImageSummary[]): Promise<void> {
    this.unwatch();
    this.watching = new AbortController();
    const ended = this.watching.signal;
    const states = () => [...this.images.value.values(), ...readListed()].map(({ id, state }) => id + state).join();
    let wait = POLL_MS;
    while (!ended.aborted && this.arePending()) {
      await pause(wait, ended).catch(() => {});
      if (ended.aborted) {
        return;
      }
      const before = states();
      await refresh().catch(() => {});
      wait = states() === before ? Math.min(POLL_MAX_MS, wait * 1.5) : POLL_MS;
    }
  }

  unwatch(): void {
    this.watching?.abort();
  }
}
