// A session of the review: photos with uncertain boxes, one at a time, and the decisions, which can be undone.

import { computed, signal } from "@preact/signals";
import { get } from "../api";
import { wordsFor } from "../http";
import { normalize } from "../library/tag-names";
import { type Photo, photoOf } from "../photo/photo";
import type { Detection, ImageSummary } from "../schemas";
import { questionsOf } from "./questions";

const PAGE = 20;
const AHEAD = 3; // with fewer photos after this one, the next page is loaded

interface BoxDecision {
  readonly kind: "confirm" | "dismiss";
  readonly image: string;
  readonly boxes: readonly string[];
}

interface CountDecision {
  readonly kind: "count";
  readonly image: string;
  readonly tag: string;
  readonly by: number;
  /** Whether the person had set the count before. */
  readonly wasSet: boolean;
}

type Decision = BoxDecision | CountDecision;

export class ReviewSession {
  readonly images = signal<readonly ImageSummary[]>([]);
  readonly index = signal(0);
  readonly problem = signal("");
  /** Whether all photos are loaded. */
  readonly isWhole = signal(false);
  readonly decisions = signal<readonly Decision[]>([]);
  /** The position of the question among those of the photo. */
  readonly position = signal(0);

  readonly image = computed(() => this.images.value[this.index.value] ?? null);
  readonly photo = computed(() => (this.image.value ? photoOf(this.image.value.id) : null));
  readonly questions = computed(() => {
    const details = this.photo.value?.details.value;
    if (!details) {
      return [];
    }
    const edited = new Set(this.photo.value?.edits.value.map(({ tag }) => tag));
    return questionsOf(details, this.decided.value).filter(({ label }) => !edited.has(normalize(label)));
  });
  readonly question = computed(
    () => this.questions.value[Math.min(this.position.value, this.questions.value.length - 1)] ?? null,
  );
  /** How many boxes and counts were decided, and on how many photos. */
  readonly progress = computed(() => ({
    decisions: this.decisions.value.reduce((sum, each) => sum + (each.kind === "count" ? 1 : each.boxes.length), 0),
    photos: new Set(this.decisions.value.map(({ image }) => image)).size,
  }));

  /** The decided boxes of the photo. The ids of boxes differ only within a photo. */
  private readonly decided = computed(
    () =>
      new Set(
        this.decisions.value.flatMap((each) =>
          each.kind !== "count" && each.image === this.image.value?.id ? each.boxes : [],
        ),
      ),
  );
  private cursor: string | null = null;
  private isLoading = false;

  /** Load the next photos. */
  async load(): Promise<void> {
    if (this.isLoading || this.isWhole.value) {
      return;
    }
    this.isLoading = true;
    this.problem.value = "";
    try {
      const { images, next } = await get("/review", {
        query: { limit: PAGE, ...(this.cursor !== null && { cursor: this.cursor }) },
      });
      const known = new Set(this.images.value.map(({ id }) => id));
      this.images.value = [...this.images.value, ...images.filter(({ id }) => !known.has(id))];
      this.cursor = next;
      this.isWhole.value = next === null;
    } catch (error) {
      this.problem.value = wordsFor(error);
    }
    this.isLoading = false;
  }

  /** Go to the next (1) or the previous (-1) photo. After the last photo comes the end. */
  turn(by: 1 | -1): void {
    this.index.value = Math.max(0, Math.min(this.images.value.length, this.index.value + by));
    this.position.value = 0;
    if (this.index.value + AHEAD >= this.images.value.length) {
      void this.load();
    }
  }

  /** Go to the next (1) or the previous (-1) question about the photo. */
  step(by: 1 | -1): void {
    const last = Math.max(0, this.questions.value.length - 1);
    this.position.value = Math.max(0, Math.min(last, Math.min(this.position.value, last) + by));
  }

  /** Confirm or dismiss boxes of the photo. After its last question, the next photo comes. */
  async decide(kind: "confirm" | "dismiss", boxes: readonly Detection[]): Promise<void> {
    const { value: photo } = this.photo;
    const ids = boxes.map(({ id }) => id);
    if (!photo || ids.length === 0) {
      return;
    }
    const decision: Decision = { kind, image: photo.id, boxes: ids };
    this.decisions.value = [...this.decisions.value, decision];
    this.goOn(photo);
    if (!(await photo.review({ [kind]: ids }))) {
      this.forget(decision);
    }
  }

  /** Change the count of a tag of the photo. The count is certain then, so its boxes need no decision. */
  count(tag: string, by: 1 | -1): void {
    const { value: photo } = this.photo;
    if (photo) {
      const wasSet = photo.tags.value.some((other) => other.tag === tag && other.source === "hand");
      this.decisions.value = [...this.decisions.value, { kind: "count", image: photo.id, tag, by, wasSet }];
      photo.edit({ tag, by });
    }
  }

  /** Take the last decision back, and show its photo. */
  async undo(): Promise<void> {
    const decision = this.decisions.value.at(-1);
    if (!decision) {
      return;
    }
    this.forget(decision);
    const photo = photoOf(decision.image);
    if (decision.kind !== "count") {
      await photo.review({ reset: decision.boxes });
    } else if (decision.wasSet) {
      photo.edit({ tag: decision.tag, by: -decision.by });
    } else {
      await photo.review({ reset_counts: [decision.tag] });
    }
    this.index.value = Math.max(
      0,
      this.images.value.findIndex(({ id }) => id === decision.image),
    );
    this.position.value = 0;
  }

  /** Show the next photo if this one is missing or has no more questions. */
  goOn(photo: Photo): void {
    const isGone = photo.isMissing.value || (photo.details.value !== null && photo.details.value.state !== "ready");
    const isDone = photo.details.value !== null && this.questions.value.length === 0;
    if (this.photo.value === photo && (isGone || isDone)) {
      this.turn(1);
    }
  }

  private forget(decision: Decision): void {
    this.decisions.value = this.decisions.value.filter((other) => other !== decision);
  }
}
