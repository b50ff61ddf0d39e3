// Arranges the photos of an album by hand. A move is shown at once, and taken back if PixTag refuses it.

import { batch, effect, type Signal } from "@preact/signals";
import * as messages from "#messages/albums";
import { ifUnchanged, put } from "../api";
import { Problem, pause, wordsFor } from "../http";
import type { AlbumPhotos } from "../library/album-feed";
import { putAlbum, readAlbum } from "../library/albums";
import type { Feed } from "../library/feed";
import { finishBeforeUndo, offerUndo } from "../library/undo";
import type { AlbumResponse } from "../schemas";
import { announce, toast } from "../ui/toasts";
import { areEqual } from "./hand-order";

export const MAX_PLACED = 1000; // the API places as many

const SETTLE_MS = 800; // moves in a row are undone together
const CONFLICTS: readonly number[] = [409, 412];

export class Arrangement {
  /** The order that is to be sent; null if PixTag has the one that is shown. */
  private wanted: readonly string[] | null = null;
  private moved: ReadonlySet<string> = new Set();
  private isSending = false;

  constructor(
    private readonly photos: AlbumPhotos,
    private readonly album: Signal<AlbumResponse | null>,
  ) {}

  /** Move photos to where `arrange` puts them, and call `onShown` when they are there. */
  async move(
    ids: ReadonlySet<string>,
    arrange: (order: readonly string[]) => string[],
    onShown: () => void,
  ): Promise<void> {
    if (!(await this.loadAll())) {
      return;
    }
    const before = this.order();
    const after = arrange(before);
    if (areEqual(before, after)) {
      return;
    }
    const places = after.flatMap((id, place) => (ids.has(id) ? [place + 1] : []));
    if ((places.at(-1) ?? 0) > MAX_PLACED) {
      toast(messages.onlyFirst(MAX_PLACED), "failed");
      return;
    }
    batch(() => {
      this.show(after);
      onShown();
    });
    announce(messages.movedTo(places[0] ?? 0, after.length));
    this.wanted = after;
    this.moved = new Set([...this.moved, ...ids]);
    if (!this.isSending) {
      const sending = this.send(before, (saved, size) =>
        offerUndo({ text: messages.photosMoved(size), size, undo: () => this.restore(saved) }),
      );
      finishBeforeUndo(sending);
      await sending;
    }
  }

  /** Load the photos that PixTag places, because the others lose their places. Returns whether that succeeded. */
  private async loadAll(): Promise<boolean> {
    const { feed } = this.photos;
    await notLoading(feed);
    while (feed.status.peek() === "idle" && feed.images.peek().length < MAX_PLACED) {
      await feed.more();
      await notLoading(feed);
    }
    const isLoaded = feed.status.peek() !== "failed";
    if (!isLoaded) {
      toast(feed.problem.peek(), "failed");
    }
    return isLoaded;
  }

  private order(): readonly string[] {
    return this.photos.feed.images.peek().map(({ id }) => id);
  }

  private show(order: readonly string[]): void {
    this.photos.sequence.begin(order);
    this.photos.feed.insert([]);
  }

  /** Send the wanted order, and later ones, one after the other. `before`: the order that PixTag has. */
  private async send(before: readonly string[], onSaved: (before: readonly string[], size: number) => void) {
    let saved = before;
    this.isSending = true;
    try {
      while (this.wanted) {
        const order = this.wanted;
        this.wanted = null;
        this.album.value = await this.request(order);
        putAlbum(this.album.value);
        saved = order;
        if (!this.wanted) {
          await pause(SETTLE_MS);
        }
      }
      onSaved(before, this.moved.size);
    } catch (error) {
      this.wanted = null;
      await this.recover(error, saved);
    }
    this.moved = new Set();
    this.isSending = false;
  }

  private request(order: readonly string[]): Promise<AlbumResponse> {
    const { id } = this.photos;
    const images = order.slice(0, MAX_PLACED);
    return put("/albums/{album_id}/order", {
      path: { album_id: id },
      body: { images },
      header: ifUnchanged(this.album.peek() ?? {}),
    });
  }

  private async recover(error: unknown, saved: readonly string[]): Promise<void> {
    if (error instanceof Problem && CONFLICTS.includes(error.status)) {
      toast(messages.albumChangedElsewhere, "failed");
      this.album.value = await readAlbum(this.photos.id).catch(() => this.album.peek());
      await this.photos.refresh();
    } else {
      this.show(saved);
      toast(wordsFor(error), "failed");
    }
  }

  private async restore(order: readonly string[]): Promise<void> {
    const current = this.order();
    const kept = new Set(order);
    this.wanted = [...order, ...current.filter((id) => !kept.has(id))];
    this.show(this.wanted);
    if (!this.isSending) {
      await this.send(current, () => {});
    }
  }
}

/** Wait until no page of a list is being loaded. */
function notLoading({ status }: Feed): Promise<void> {
  return new Promise((resolve) => {
    const end = effect(() => {
      if (status.value !== "loading") {
        resolve();
        queueMicrotask(() => end());
      }
    });
  });
}
