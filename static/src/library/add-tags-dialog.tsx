// Add tags to the selected images.

import { useComputed, useSignal } from "@preact/signals";
import * as messages from "#messages/edits";
import { post } from "../api";
import type { TagCount } from "../schemas";
import { BulkDialog } from "./bulk-dialog";
import { editTags, retag } from "./feed-updates";
import { describeChange, type EditProps, finishEdit, idempotencyHeader, partOf } from "./selected-edit";
import { TagRows } from "./tag-fields";

export function AddTagsDialog({ selection, onClose }: EditProps) {
  const rows = useSignal<readonly TagCount[]>([{ tag: "", count: 1 }]);
  const add = useComputed(() =>
    rows.value.filter(({ tag }) => tag.trim()).map(({ tag, count }) => ({ tag: tag.trim(), count })),
  );
  return (
    <BulkDialog
      title={messages.addTags}
      target={selection.target}
      size={selection.size.value}
      call={
        add.value.length
          ? (images, key, operation) =>
              post("/tags", { body: { add: add.value, images, ...partOf(operation) }, ...idempotencyHeader(key) })
          : null
      }
      inputs={JSON.stringify(add.value)}
      describe={describeChange}
      action={messages.addTags}
      onDone={(summary) => {
        finishEdit(selection, summary, () =>
          retag(selection.feed, summary.changed, (tags) => editTags(tags, add.value)),
        );
      }}
      onClose={onClose}
    >
      <TagRows
        rows={rows.value}
        hasCounts
        onRows={(next) => {
          rows.value = next;
        }}
      />
    </BulkDialog>
  );
}
