// The parts that the dialogs of edits of the selected images share.

import * as messages from "#messages/edits";
import type { ImageSummary } from "../schemas";
import { type BulkSummary, describeSummary } from "./bulk";
import { imagesWith, restoreImages } from "./feed-updates";
import type { Selection } from "./selection";
import { offerUndo } from "./undo";

export interface EditProps {
  readonly selection: Selection;
  readonly onClose: () => void;
}

/** `143 photos will change.` */
export function describeChange(count: number): string {
  return count ? messages.photosWillChange(count) : messages.noPhotosWillChange;
}

/**
 * Update the lists, offer to undo the change, and clear the selection unless the dialog stays open to show failures.
 *
 * The undo puts the loaded images back as they were before `update`.
 */
export function finishEdit(
  selection: Selection,
  summary: BulkSummary,
  update: () => void,
  describeChanged?: (count: number) => string,
): void {
  const { feed } = selection;
  const before = imagesWith(feed, summary.changed);
  update();
  offerUndo({
    operation: summary.operation,
    text: describeSummary(summary, describeChanged),
    size: summary.changed.length,
    onUndone: (ids) =>
      restoreImages(
        feed,
        before.filter(({ id }) => ids.has(id)),
      ),
  });
  if (!(summary.failures.size || summary.ended)) {
    selection.clear();
  }
}

/** Return the header that makes a repeated request change nothing; none for a dry run, which has no key. */
export function idempotencyHeader(key: string): { readonly header?: { readonly "idempotency-key": string } } {
  return key ? { header: { "idempotency-key": key } } : {};
}

/** Return the member of a request that makes it part of an operation; none for a dry run, which has no operation. */
export function partOf(operation: string): { readonly operation?: string } {
  return operation ? { operation } : {};
}

/** Return the tags of images, the most frequent first. */
export function tagsOf(images: readonly ImageSummary[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { tag } of images.flatMap(({ tags }) => tags)) {
    counts.set(tag, (counts.get(tag) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a).map(([tag]) => tag);
}
