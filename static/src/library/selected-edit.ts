// The parts that the dialogs of edits of the selected images share.

import { formatPhotos } from "../formats";
import type { ImageSummary } from "../schemas";
import { toast } from "../ui/toasts";
import { type BulkSummary, describeSummary } from "./bulk";
import type { Selection } from "./selection";

export interface EditProps {
  readonly selection: Selection;
  readonly onClose: () => void;
}

/** `143 photos will change.` */
export function describeChange(count: number): string {
  return count ? `${formatPhotos(count)} will change.` : "No photos will change.";
}

/** Show the result in a toast and clear the selection, unless the dialog stays open to show failures. */
export function finishEdit(selection: Selection, summary: BulkSummary): void {
  if (!(summary.failures.size || summary.ended)) {
    toast(`${describeSummary(summary)}.`);
    selection.clear();
  }
}

/** Return the header that makes a repeated request change nothing; none for a dry run, which has no key. */
export function idempotencyHeader(key: string): { readonly header?: { readonly "idempotency-key": string } } {
  return key ? { header: { "idempotency-key": key } } : {};
}

/** Return the tags of images, the most frequent first. */
export function tagsOf(images: readonly ImageSummary[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { tag } of images.flatMap(({ tags }) => tags)) {
    counts.set(tag, (counts.get(tag) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a).map(([tag]) => tag);
}
