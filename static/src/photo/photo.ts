// One photograph that is open: what the API says of it, and what a person changes, shown at once and sent in turn.

import { batch, computed, signal } from "@preact/signals";
import { del, get, ifUnchanged, patch, post } from "../api";
import { Problem, pause, wordsFor } from "../http";
import { shownFeed } from "../library/current-feed";
import { everything, forgetSearches } from "../library/feeds";
import type { ImageDetails, ImageSummary } from "../schemas";
import { onSignedOut } from "../session";
import { toast } from "../ui/toasts";
import { type Edit, edited, inOrder, queued, requestOf } from "./tag-edits";

const POLL_MS = 1000;
const POLL_MAX_MS = 4000;
const AGAIN_MS = 1000;
const KEPT = 8;
const CHANGED_ELSEWHERE =
  "This photograph was changed elsewhere meanwhile, and has been read again. Look at it, then try once more.";

type Links = NonNullable<ImageSummary["links"]>;

export class Photo {
  readonly details = signal<ImageDetails | null>(null);
  readonly problem = signal("");
  /** Whether there is no such photograph, so that it is of no use to try again. */
  readonly isMissing = signal(false);
  /** Those of the list, so that what was loaded there, or ahead, is used. */
  readonly links = signal<Links | null>(null);
  /** Whether its objects are being looked for again, by request. */
  readonly isLookedAt = signal(false);
  readonly edits = signal<readonly Edit[]>([]);

  readonly tags = computed(() => {
    const tags = edited(this.details.value?.tags ?? [], this.edits.value, new Date().toISOString());
    return inOrder(tags, this.order);
  });

  /** What the model saw and the person took away. */
  readonly rejected = computed(() => {
    const { tags = [], rejected = [] } = this.details.value ?? {};
    const shown = new Set(this.tags.value.map(({ tag }) => tag));
    return [...tags, ...rejected].filter(({ tag, detected }) => detected > 0 && !shown.has(tag));
  });

  private order: readonly string[] = [];
  private turn: Promise<unknown> = Promise.resolve();
  private renewed = false;

  constructor(readonly id: string) {}

  /** Read it, and while it is pending, read it again until it is not. */
  async load(ended: AbortSignal): Promise<void> {
    this.problem.value = "";
    this.isMissing.value = false;
    for (let wait = POLL_MS; !ended.aborted; wait = Math.min(POLL_MAX_MS, wait * 1.5)) {
      try {
        await this.read(ended);
      } catch (error) {
        this.isMissing.value = error instanceof Problem && error.status === 404;
        this.problem.value = ended.aborted ? "" : wordsFor(error);
        return;
      }
      if (this.details.value?.state !== "pending") {
        return;
      }
      await pause(wait, ended).catch(() => {});
    }
  }

  private async read(signal?: AbortSignal): Promise<void> {
    const before = this.edits.peek();
    const details = await get("/images/{image_id}", { path: { image_id: this.id }, ...(signal && { signal }) });
    // What was read while edits were under way may have them already, or not.
    if (before.length === 0 && this.edits.peek().length === 0) {
      this.show(details);
    }
  }

  /** Show a newer state, here and in the lists. */
  private show(details: ImageDetails): void {
    const before = this.details.peek();
    batch(() => {
      this.details.value = details;
      this.links.value = this.links.peek() ?? details.links;
      this.order = this.tags.value.map(({ tag }) => tag);
    });
    share(details);
    if (before && JSON.stringify(before.tags) !== JSON.stringify(details.tags)) {
      forgetSearches();
    }
  }

  /** Links work for an hour at most: the first that does not is replaced by a new one. */
  async renewLinks(): Promise<void> {
    if (!this.renewed) {
      this.renewed = true;
      const { links } = await get("/images/{image_id}", { path: { image_id: this.id } });
      this.links.value = links;
    }
  }

  /** Change a count: shown at once, sent when what came before is done, taken back if it is refused. */
  edit(edit: Edit): void {
    const isIdle = this.edits.value.length === 0;
    this.edits.value = queued(this.edits.value, edit);
    if (isIdle) {
      void this.inTurn(() => this.sendEdits());
    }
  }

  private async sendEdits(): Promise<void> {
    for (let [edit] = this.edits.value; edit; [edit] = this.edits.value) {
      let fresh: ImageDetails | null = null;
      try {
        await this.send(edit);
        fresh = await get("/images/{image_id}", { path: { image_id: this.id } });
      } catch (error) {
        toast(`${edit.tag}: ${wordsFor(error)}`, "failed");
      }
      batch(() => {
        this.edits.value = this.edits.value.slice(1);
        if (fresh) {
          this.show(fresh);
        }
      });
    }
  }

  /** Send an edit; if no answer comes, once more, with the same key: it changes the image once. */
  private async send(edit: Edit): Promise<void> {
    const request = {
      header: { "idempotency-key": crypto.randomUUID() },
      body: { ...requestOf(edit), images: { ids: [this.id] } },
    };
    const { outcomes } = await post("/tags", request).catch(async (error: unknown) => {
      if (error instanceof Problem && (error.status === 0 || error.status >= 500)) {
        await pause(AGAIN_MS);
        return post("/tags", request);
      }
      throw error;
    });
    const failed = outcomes.find(({ result }) => result === "failed");
    if (failed) {
      throw new Problem(failed.detail);
    }
  }

  /** Say what a box shows; one that was deleted comes back. */
  relabel(detectionId: string, label: string): Promise<void> {
    return this.change((details) =>
      patch("/images/{image_id}/detections/{detection_id}", {
        path: { image_id: this.id, detection_id: detectionId },
        body: { label },
        header: ifUnchanged(details),
      }),
    );
  }

  dismiss(detectionId: string): Promise<void> {
    return this.change((details) =>
      del("/images/{image_id}/detections/{detection_id}", {
        path: { image_id: this.id, detection_id: detectionId },
        header: ifUnchanged(details),
      }),
    );
  }

  /** Have its objects looked for again; one that failed is tried again. */
  async redetect(): Promise<void> {
    if (this.isLookedAt.value) {
      return;
    }
    this.isLookedAt.value = true;
    await this.change(async (details) => {
      const path = { image_id: this.id };
      const after = await post("/images/{image_id}/redetect", { path, header: ifUnchanged(details) });
      toast(after.state === "failed" ? after.reason : "Looked at again.", after.state === "failed" ? "failed" : "done");
      return after;
    });
    this.isLookedAt.value = false;
  }

  /** Take it out of the trash. */
  async restore(): Promise<void> {
    try {
      const details = await restoreImage(this.id);
      if (shownFeed.value !== everything()) {
        shownFeed.value?.remove(new Set([this.id])); // that is the trash
      }
      this.show(details);
    } catch (error) {
      toast(wordsFor(error), "failed");
    }
  }

  private change(request: (details: ImageDetails) => Promise<ImageDetails>): Promise<void> {
    return this.inTurn(async () => {
      const details = this.details.value;
      if (!details) {
        return;
      }
      try {
        this.show(await request(details));
      } catch (error) {
        const isOutdated = error instanceof Problem && error.status === 412;
        toast(isOutdated ? CHANGED_ELSEWHERE : wordsFor(error), "failed");
        await this.read().catch(() => {});
      }
    });
  }

  private inTurn(act: () => Promise<void>): Promise<void> {
    const done = this.turn.then(act);
    this.turn = done;
    return done;
  }
}

/** Put an image into the trash, out of the lists; one that is pending or has failed is gone at once. */
export async function trashImage(id: string): Promise<void> {
  await del("/images/{image_id}", { path: { image_id: id } });
  for (const feed of [everything(), shownFeed.peek()]) {
    feed?.remove(new Set([id]));
  }
  forgetSearches();
}

/** Take an image out of the trash, back into the library. */
export async function restoreImage(id: string): Promise<ImageDetails> {
  const { outcomes } = await post("/images/restore", { body: { images: { ids: [id] } } });
  const failed = outcomes.find(({ result }) => result === "failed");
  if (failed) {
    throw new Problem(failed.detail);
  }
  const details = await get("/images/{image_id}", { path: { image_id: id } });
  const all = everything();
  const isReached = all.status.value === "end" || all.images.value.some((image) => image.id < id);
  if (isReached) {
    all.put(details);
  }
  forgetSearches();
  return details;
}

/** The lists that have it show what it has become. */
function share(details: ImageDetails): void {
  for (const feed of new Set([everything(), shownFeed.peek()])) {
    const known = feed?.images.peek().find(({ id }) => id === details.id);
    if (feed && known) {
      feed.put({ ...details, links: known.links ?? details.links });
    }
  }
}

const photos = new Map<string, Photo>();

/** The photograph with an id; those opened last are kept, with the edits that are under way. */
export function photoOf(id: string): Photo {
  const photo = photos.get(id) ?? new Photo(id);
  photos.delete(id);
  photos.set(id, photo);
  for (const old of [...photos.keys()].slice(0, -KEPT)) {
    photos.delete(old);
  }
  return photo;
}

onSignedOut(() => photos.clear());
