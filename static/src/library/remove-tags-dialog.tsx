// Remove tags from the selected images.

import { useComputed, useSignal } from "@preact/signals";
import * as messages from "#messages/edits";
import { post } from "../api";
import type { TagCount } from "../schemas";
import { BulkDialog } from "./bulk-dialog";
import { editTags, retag } from "./feed-updates";
import { describeChange, type EditProps, finishEdit, idempotencyHeader, partOf, tagsOf } from "./selected-edit";
import { TagRows } from "./tag-fields";

export function RemoveTagsDialog({ selection, onClose }: EditProps) {
  const rows = useSignal<readonly TagCount[]>([{ tag: "", count: 1 }]);
  const remove = useComputed(() => rows.value.filter(({ tag }) => tag.trim()).map(({ tag }) => ({ tag: tag.trim() })));
  return (
    <BulkDialog
      title={messages.removeTags}
      target={selection.target}
      size={selection.size.value}
      call={
        remove.value.length
          ? (images, key, operation) =>
              post("/tags", { body: { remove: remove.value, images, ...partOf(operation) }, ...idempotencyHeader(key) })
          : null
      }
      inputs={JSON.stringify(remove.value)}
      describe={describeChange}
      action={messages.removeTags}
      onDone={(summary) => {
        const names = remove.value.map(({ tag }) => tag);
        finishEdit(selection, summary, () =>
          retag(selection.feed, summary.changed, (tags) => editTags(tags, [], names)),
        );
      }}
      onClose={onClose}
    >
      <TagRows
        rows={rows.value}
        suggestions={tagsOf(selection.images.value)}
        onRows={(next) => {
          rows.value = next;
        }}
      />
    </BulkDialog>
  );
}
