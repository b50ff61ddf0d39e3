// The lists of the photos of albums. The latest ones are kept when their screen closes.

import { signal } from "@preact/signals";
import { get } from "../api";
import type { AlbumOrder } from "../schemas";
import { onSignedOut } from "../session";
import { Sequence } from "./album-sequence";
import { Feed } from "./feed";
import type { FeedPage } from "./feed-page";
import { changes, watchChanges } from "./feeds";
import type { Order } from "./order-key";

const MAX_OPENED = 3;
const MAX_PAGES = 10; // of 100, which contain all images that a person can place

/** The photos of an album as a list, and their order. */
export class AlbumPhotos {
  readonly sequence = new Sequence();
  readonly feed: Feed;
  /** The value of `changes` when the list was as PixTag has it. */
  change = changes.peek();

  constructor(
    readonly id: string,
    readonly order: AlbumOrder,
  ) {
    this.feed = new Feed((cursor, limit) => this.readPages(cursor, limit), {
      order: signal<Order>(order === "hand" ? "hand" : "oldest"),
      keyOf: (image) => this.sequence.keyOf(image),
    });
  }

  /** Read the list again, because images have changed. Without a response, it stays as it is until it is opened again. */
  async refresh(change = this.change): Promise<void> {
    const isRead = await this.feed.refresh().then(
      () => true,
      () => false,
    );
    this.change = isRead ? change : this.change;
  }

  /** Read the list again after each change of images. Returns a function that ends this. */
  watch(): () => void {
    return watchChanges((change) => {
      void this.refresh(change);
      return undefined;
    });
  }

  /** Read a page. When the start is read again, read about as many images as are loaded, because any may have moved. */
  private async readPages(cursor: string | null, limit: number): Promise<FeedPage> {
    const wanted = cursor === null ? this.feed.images.peek().length : 0;
    let page = await this.readPage(cursor, limit);
    for (let pages = 1; page.images.length < wanted && page.next !== null && pages < MAX_PAGES; pages += 1) {
      const { images, next } = await this.readPage(page.next, limit);
      page = { images: [...page.images, ...images], next };
    }
    const ids = page.images.map(({ id }) => id);
    cursor === null ? this.sequence.begin(ids) : this.sequence.append(ids);
    return page;
  }

  private readPage(cursor: string | null, limit: number): Promise<FeedPage> {
    return get("/albums/{album_id}/images", {
      path: { album_id: this.id },
      query: { limit, ...(cursor !== null && { cursor }) },
    });
  }
}

const opened = new Map<string, AlbumPhotos>();

/** Return the photos of an album. They are read again if images have changed while no screen showed them. */
export function openAlbum(id: string, order: AlbumOrder): AlbumPhotos {
  const kept = opened.get(id);
  const isCurrent = kept?.order === order && kept.change === changes.peek();
  const photos = isCurrent ? kept : new AlbumPhotos(id, order);
  opened.delete(id);
  opened.set(id, photos); // now the most recently used
  for (const old of [...opened.keys()].slice(0, -MAX_OPENED)) {
    opened.delete(old);
  }
  return photos;
}

onSignedOut(() => opened.clear());
