// The list of duplicates: its pages, the photos to keep, and the photos that have moved to the trash.

import { computed, signal } from "@preact/signals";
import * as messages from "#messages/duplicates";
import { get, post } from "../api";
import { wordsFor } from "../http";
import { applyBulk, type BulkCall, type BulkSummary, batches, describeSummary, dryRunBulk } from "../library/bulk";
import { everything, forgetSearches } from "../library/feeds";
import { partOf } from "../library/selected-edit";
import { offerUndo } from "../library/undo";
import { toast } from "../ui/toasts";
import { addImages, type Group, idsToMove, keptOf, toGroup, withoutImages } from "./groups";

const MAX_EMPTY_PAGES = 5; // of the API, per click

export const trashCall: BulkCall = (images, _key, operation) =>
  post("/images/trash", { body: { images, ...partOf(operation) } });

export class Duplicates {
  readonly #loaded = signal<readonly Group[]>([]);
  readonly #gone = signal<ReadonlySet<string>>(new Set());
  readonly #cursor = signal<string | null>(null);
  readonly #ended = new AbortController();

  readonly groups = computed(() => withoutImages(this.#loaded.value, this.#gone.value));
  /** The image to keep of a group, by group; the best one if there is none. */
  readonly chosen = signal<ReadonlyMap<string, string>>(new Map());
  readonly status = signal<"loading" | "more" | "whole" | "failed">("loading");
  readonly problem = signal("");
  /** The groups with a request that is running. */
  readonly busy = signal<ReadonlySet<string>>(new Set());

  /** Load the next groups. A page of the API can have none. */
  async more(): Promise<void> {
    this.status.value = "loading";
    const before = this.groups.value.length;
    try {
      for (let page = 0; page < MAX_EMPTY_PAGES && this.groups.value.length === before; page += 1) {
        const cursor = this.#cursor.value;
        const { groups, next } = await get("/duplicates", {
          query: cursor === null ? {} : { cursor },
          signal: this.#ended.signal,
        });
        const known = new Set(this.#loaded.value.map(({ id }) => id));
        this.#loaded.value = [...this.#loaded.value, ...groups.filter(({ id }) => !known.has(id)).map(toGroup)];
        this.#cursor.value = next;
        if (next === null) {
          break;
        }
      }
      this.status.value = this.#cursor.value === null ? "whole" : "more";
    } catch (error) {
      if (!this.#ended.signal.aborted) {
        this.problem.value = wordsFor(error);
        this.status.value = "failed";
      }
    }
  }

  /** Stop loading. */
  end(): void {
    this.#ended.abort();
  }

  choose(group: Group, image: string): void {
    this.chosen.value = new Map(this.chosen.value).set(group.id, image);
  }

  /** Load more images of a large group. */
  async moreImages({ id, cursor }: Group): Promise<void> {
    await this.#whileBusy(id, async () => {
      const page = await get("/duplicates/{group_id}", {
        path: { group_id: id },
        query: cursor === null ? {} : { cursor },
      });
      this.#loaded.value = this.#loaded.value.map((group) =>
        group.id === id ? addImages(group, page.images, page.next) : group,
      );
    });
  }

  /** Move the images of a group to the trash, except the one to keep. */
  async keep(group: Group): Promise<void> {
    const summary = await this.#whileBusy(group.id, async () => {
      if (!(await this.isCurrent([group]))) {
        return undefined;
      }
      const ids = idsToMove([group], this.chosen.value);
      const never = new AbortController().signal;
      return applyBulk({ ids }, trashCall, { signal: never, onProgress: () => {} });
    });
    if (!summary) {
      return;
    }
    const reasons = [summary.ended, ...summary.failures.keys()].filter(Boolean);
    if (reasons.length) {
      toast(reasons.join(" "), "failed");
    }
    await this.finish([group], summary);
  }

  /** Return whether the images to keep are still in the library. If not, load the list again. */
  async isCurrent(groups: readonly Group[]): Promise<boolean> {
    const ids = groups.flatMap((group) => keptOf(group, this.chosen.value)?.id ?? []);
    let count = 0;
    for (const batch of batches(ids)) {
      count += await dryRunBulk({ ids: batch }, trashCall, this.#ended.signal);
    }
    if (count === ids.length) {
      return true;
    }
    toast(messages.photosHaveChanged, "failed");
    this.#loaded.value = [];
    this.#gone.value = new Set();
    this.#cursor.value = null;
    await this.more();
    return false;
  }

  /** Remove moved images from the lists, offer to undo it, and load more images of large groups. */
  async finish(groups: readonly Group[], summary: BulkSummary): Promise<void> {
    const isComplete = !(summary.ended || summary.failures.size);
    const moved = new Set(isComplete ? idsToMove(groups, this.chosen.value) : summary.changed);
    const images = groups.flatMap((group) => group.images.filter(({ id }) => moved.has(id)));
    this.#gone.value = new Set([...this.#gone.value, ...moved]);
    everything().remove(moved);
    forgetSearches();
    offerUndo({
      operation: summary.operation,
      text: describeSummary(summary, messages.photosMoved),
      size: summary.changed.length,
      onUndone: (ids) => {
        this.#gone.value = new Set([...this.#gone.value].filter((id) => !ids.has(id)));
        everything().insert(images.filter(({ id }) => ids.has(id)));
        forgetSearches();
      },
    });
    for (const group of groups.filter(({ cursor }) => isComplete && cursor !== null)) {
      await this.moreImages(group);
    }
  }

  /** Do something with a group, unless it is busy. Errors are shown. */
  async #whileBusy<T>(id: string, act: () => Promise<T>): Promise<T | undefined> {
    if (this.busy.value.has(id)) {
      return undefined;
    }
    this.busy.value = new Set([...this.busy.value, id]);
    try {
      return await act();
    } catch (error) {
      if (!this.#ended.signal.aborted) {
        toast(wordsFor(error), "failed");
      }
      return undefined;
    } finally {
      this.busy.value = new Set([...this.busy.value].filter((other) => other !== id));
    }
  }
}
