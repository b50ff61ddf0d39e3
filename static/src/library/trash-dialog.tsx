// Move the selected images to the trash.

import * as messages from "#messages/edits";
import { post } from "../api";
import { describeSummary } from "./bulk";
import { BulkDialog } from "./bulk-dialog";
import { removeImages, restoreImages } from "./feed-updates";
import { type EditProps, partOf } from "./selected-edit";
import { offerUndo } from "./undo";

export function TrashDialog({ selection, onClose }: EditProps) {
  const { feed } = selection;
  return (
    <BulkDialog
      title={messages.moveToTrash}
      target={selection.target}
      size={selection.size.value}
      call={(images, _key, operation) => post("/images/trash", { body: { images, ...partOf(operation) } })}
      inputs=""
      describe={messages.photosWillMove}
      action={messages.moveToTrash}
      isDangerous
      describeChanged={messages.photosMoved}
      onDone={(summary) => {
        const moved = new Set(summary.changed);
        const images = feed.images.value.filter(({ id }) => moved.has(id));
        removeImages(feed, summary.changed);
        // Only ready images go to the trash; others are deleted at once. All images that are not loaded are ready.
        const deleted = images.filter(({ state }) => state !== "ready").length;
        offerUndo({
          operation: summary.operation,
          text: describeSummary(summary, messages.photosMoved),
          size: summary.changed.length - deleted,
          onUndone: (ids) =>
            restoreImages(
              feed,
              images.filter(({ id }) => ids.has(id)),
            ),
        });
        if (!(summary.failures.size || summary.ended)) {
          selection.clear();
        }
      }}
      onClose={onClose}
    />
  );
}
