// Rename a tag on the selected images.

import { useSignal } from "@preact/signals";
import * as messages from "#messages/edits";
import { post } from "../api";
import { BulkDialog } from "./bulk-dialog";
import { renameTag, retag } from "./feed-updates";
import { describeChange, type EditProps, finishEdit, partOf, tagsOf } from "./selected-edit";
import { TagField } from "./tag-fields";
import { normalize } from "./tag-names";

export function RenameTagDialog({ selection, onClose }: EditProps) {
  const old = useSignal("");
  const name = useSignal("");
  const isComplete = old.value.trim() && name.value.trim();
  return (
    <BulkDialog
      title={messages.renameATag}
      target={selection.target}
      size={selection.size.value}
      call={
        isComplete && normalize(old.value) !== normalize(name.value)
          ? (images, _key, operation) =>
              post("/tags/rename", {
                body: { old: old.value.trim(), new: name.value.trim(), images, ...partOf(operation) },
              })
          : null
      }
      inputs={JSON.stringify([old.value, name.value])}
      describe={describeChange}
      action={messages.renameTag}
      onDone={(summary) => {
        finishEdit(selection, summary, () =>
          retag(selection.feed, summary.changed, (tags) => renameTag(tags, old.value, name.value)),
        );
      }}
      onClose={onClose}
    >
      <div class="form-pair">
        <TagField label={messages.tag} isFirst value={old} suggestions={tagsOf(selection.images.value)} />
        <TagField label={messages.newName} value={name} />
      </div>
      <p class="muted">{messages.renameHint}</p>
    </BulkDialog>
  );
}
