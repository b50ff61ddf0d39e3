// An open photo: its details from the API, and the person's edits, which are shown at once and sent in order.

import { batch, computed, signal } from "@preact/signals";
import * as controls from "#messages/controls";
import * as messages from "#messages/photo";
import { reason } from "#messages/reasons";
import { del, get, ifUnchanged, patch, post } from "../api";
import { Problem, pause, wordsFor } from "../http";
import { currentFeed } from "../library/current-feed";
import { everything, forgetSearches } from "../library/feeds";
import { normalize } from "../library/tag-names";
import type { DetectionChange, ImageDetails, ImageSummary, ReviewRequest } from "../schemas";
import { onSignedOut } from "../session";
import { toast } from "../ui/toasts";
import { FavouriteMark } from "./favourite-mark";
import type { BoundingBox } from "./geometry";
import { findListed, restoreImage, updateLists } from "./image-actions";
import { sendEdit } from "./send-edit";
import { applyEdits, type Edit, enqueue, keepOrder } from "./tag-edits";

const POLL_MS = 1000;
const POLL_MAX_MS = 4000;
const MAX_PHOTOS = 8;
const CHANGED_ELSEWHERE = messages.photoChangedElsewhere;

type Links = NonNullable<ImageSummary["links"]>;

export class Photo {
  readonly details = signal<ImageDetails | null>(null);
  readonly problem = signal("");
  /** Whether the photo doesn't exist, so that a retry can't help. */
  readonly isMissing = signal(false);
  /** The links from the list, so that pictures that are loaded there are reused. */
  readonly links = signal<Links | null>(null);
  /** Whether a redetection is running. */
  readonly isRedetecting = signal(false);
  readonly edits = signal<readonly Edit[]>([]);

  readonly tags = computed(() => {
    const tags = applyEdits(this.details.value?.tags ?? [], this.edits.value, new Date().toISOString());
    return keepOrder(tags, this.order);
  });

  /** The detected tags and the keywords of the file that the person removed. */
  readonly rejected = computed(() => {
    const { tags = [], rejected = [] } = this.details.value ?? {};
    const shown = new Set(this.tags.value.map(({ tag }) => tag));
    return [...tags, ...rejected].filter(
      ({ tag, detected, in_file: isInFile }) => (detected > 0 || isInFile) && !shown.has(tag),
    );
  });

  /** The detections of the tags that are not removed. */
  readonly boxes = computed(() => {
    const removed = new Set(this.rejected.value.map(({ tag }) => tag));
    return (this.details.value?.detections ?? []).filter(({ label }) => !removed.has(normalize(label)));
  });

  /** A change doesn't need the details, so that the key works as soon as the photo is open. */
  readonly favourite = new FavouriteMark(
    () => (this.details.value ?? findListed(this.id))?.favourite ?? false,
    (favourite) => this.inTurn(() => this.send(() => this.patchFavourite(favourite))),
  );

  private order: readonly string[] = [];
  private turn: Promise<unknown> = Promise.resolve();
  private renewed = false;

  constructor(readonly id: string) {}

  /** Load the details, and poll while the image is pending. */
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
    const { turn } = this;
    const before = this.edits.peek();
    const details = await get("/images/{image_id}", { path: { image_id: this.id }, ...(signal && { signal }) });
    // A response that arrives while changes are sent may or may not contain them.
    if (before.length === 0 && this.edits.peek().length === 0 && turn === this.turn) {
      this.show(details);
    }
  }

  /** Show new details here and in the lists. */
  private show(details: ImageDetails): void {
    const before = this.details.peek();
    batch(() => {
      this.details.value = details;
      this.links.value = this.links.peek() ?? details.links;
      this.order = this.tags.value.map(({ tag }) => tag);
    });
    updateLists(details);
    const searched = ({ tags, favourite, taken_at: takenAt, taken_source: source }: ImageDetails) =>
      JSON.stringify([tags, favourite, takenAt, source]);
    if (before && searched(before) !== searched(details)) {
      forgetSearches();
    }
  }

  /** Get new links, but only once. Links expire after an hour. Returns whether there are new ones. */
  async renewLinks(): Promise<boolean> {
    if (this.renewed) {
      return false;
    }
    this.renewed = true;
    const { links } = await get("/images/{image_id}", { path: { image_id: this.id } });
    this.links.value = links;
    return true;
  }

  /** Allow new links again, because the person wants to load the picture again. */
  allowRenewal(): void {
    this.renewed = false;
  }

  /** Change a count. It is shown at once, sent after earlier changes, and undone if the API rejects it. */
  edit(edit: Edit): void {
    const isIdle = this.edits.value.length === 0;
    this.edits.value = enqueue(this.edits.value, edit);
    if (isIdle) {
      void this.inTurn(() => this.sendEdits());
    }
  }

  private async sendEdits(): Promise<void> {
    for (let [edit] = this.edits.value; edit; [edit] = this.edits.value) {
      let fresh: ImageDetails | null = null;
      try {
        await sendEdit(this.id, edit);
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

  /** Change the label or the edges of a box. The same label confirms it, and a removed one is restored. */
  changeBox(detectionId: string, change: DetectionChange): Promise<boolean> {
    return this.change((details) =>
      patch("/images/{image_id}/detections/{detection_id}", {
        path: { image_id: this.id, detection_id: detectionId },
        body: change,
        header: ifUnchanged(details),
      }),
    );
  }

  /** Add a box that the model did not detect. */
  drawBox(label: string, box: BoundingBox): Promise<boolean> {
    return this.change((details) =>
      post("/images/{image_id}/detections", {
        path: { image_id: this.id },
        body: { label, box },
        header: { ...ifUnchanged(details), "idempotency-key": crypto.randomUUID() },
      }),
    );
  }

  /** Confirm boxes, remove them, or take such decisions back. */
  review(decisions: ReviewRequest): Promise<boolean> {
    return this.change((details) =>
      post("/images/{image_id}/review", {
        path: { image_id: this.id },
        body: decisions,
        header: ifUnchanged(details),
      }),
    );
  }

  dismiss(detectionId: string): Promise<boolean> {
    return this.change((details) =>
      del("/images/{image_id}/detections/{detection_id}", {
        path: { image_id: this.id, detection_id: detectionId },
        header: ifUnchanged(details),
      }),
    );
  }

  /** Set the capture time. Null returns to the date that the file has. The message offers to undo it. */
  setDate(takenAt: string | null): Promise<boolean> {
    return this.change(async (details) => {
      const path = { image_id: this.id };
      const after = await patch("/images/{image_id}", {
        path,
        body: { taken_at: takenAt },
        header: ifUnchanged(details),
      });
      const before = details.taken_source === "person" ? details.taken_at : null;
      toast(messages.dateChanged, "done", { label: controls.undo, run: () => void this.setDate(before) });
      return after;
    });
  }

  /** Redetect objects. This also retries a failed image. */
  async redetect(): Promise<void> {
    if (this.isRedetecting.value) {
      return;
    }
    this.isRedetecting.value = true;
    await this.change(async (details) => {
      const path = { image_id: this.id };
      const after = await post("/images/{image_id}/redetect", { path, header: ifUnchanged(details) });
      toast(
        after.state === "failed" ? reason(after.reason) : messages.redetected,
        after.state === "failed" ? "failed" : "done",
      );
      return after;
    });
    this.isRedetecting.value = false;
  }

  /** Restore the photo from the trash. */
  async restore(): Promise<void> {
    try {
      const details = await restoreImage(this.id);
      if (currentFeed.value !== everything()) {
        currentFeed.value?.remove(new Set([this.id])); // the current list is the trash
      }
      this.show(details);
    } catch (error) {
      toast(wordsFor(error), "failed");
    }
  }

  /** Send a change after earlier ones, and show the result. Return whether it succeeded; a failure shows a message. */
  private change(request: (details: ImageDetails) => Promise<ImageDetails>): Promise<boolean> {
    return this.inTurn(async () => {
      const details = this.details.value;
      return details ? await this.send(() => request(details)) : false;
    });
  }

  private async send(request: () => Promise<ImageDetails>): Promise<boolean> {
    try {
      this.show(await request());
      return true;
    } catch (error) {
      const isOutdated = error instanceof Problem && error.status === 412;
      toast(isOutdated ? CHANGED_ELSEWHERE : wordsFor(error), "failed");
      await this.read().catch(() => {});
      return false;
    }
  }

  private patchFavourite(favourite: boolean): Promise<ImageDetails> {
    return patch("/images/{image_id}", { path: { image_id: this.id }, body: { favourite } });
  }

  private inTurn<T>(act: () => Promise<T>): Promise<T> {
    const done = this.turn.then(act);
    this.turn = done;
    return done;
  }
}

const photos = new Map<string, Photo>();

/** Return the photo with an id. Recent photos are kept, so that their pending edits aren't lost. */
export function photoOf(id: string): Photo {
  const photo = photos.get(id) ?? new Photo(id);
  photos.delete(id);
  photos.set(id, photo);
  for (const old of [...photos.keys()].slice(0, -MAX_PHOTOS)) {
    photos.delete(old);
  }
  return photo;
}

onSignedOut(() => photos.clear());
