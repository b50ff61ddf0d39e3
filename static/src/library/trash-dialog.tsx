// Move the selected images to the trash.

import { post } from "../api";
import { formatPhotos } from "../formats";
import { describeSummary } from "./bulk";
import { BulkDialog } from "./bulk-dialog";
import { removeImages, restoreImages } from "./feed-updates";
import { type EditProps, partOf } from "./selected-edit";
import { offerUndo } from "./undo";

const VERB = "moved to the trash";

export function TrashDialog({ selection, onClose }: EditProps) {
  const { feed } = selection;
  return (
    <BulkDialog
      title="Move to trash"
      target={selection.target}
      size={selection.size.value}
      call={(images, _key, operation) => post("/images/trash", { body: { images, ...partOf(operation) } })}
      inputs=""
      describe={(count) =>
        `${formatPhotos(count)} will move to the trash. You can restore ${count === 1 ? "it" : "them"} for 30 days.`
      }
      action="Move to trash"
      isDangerous
      verb={VERB}
      onDone={(summary) => {
        const moved = new Set(summary.changed);
        const images = feed.images.value.filter(({ id }) => moved.has(id));
        removeImages(feed, summary.changed);
        // Only ready images go to the trash; others are deleted at once. All images that are not loaded are ready.
        const deleted = images.filter(({ state }) => state !== "ready").length;
        offerUndo({
          operation: summary.operation,
          text: describeSummary(summary, VERB),
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
