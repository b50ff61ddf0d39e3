// Move the selected images to the trash, and undo that.

import { post } from "../api";
import { formatPhotos } from "../formats";
import type { ImageSummary } from "../schemas";
import { announce, toast } from "../ui/toasts";
import { applyBulk, describeSummary } from "./bulk";
import { BulkDialog } from "./bulk-dialog";
import type { Feed } from "./feed";
import { removeImages, restoreImages } from "./feed-updates";
import type { EditProps } from "./selected-edit";

export function TrashDialog({ selection, onClose }: EditProps) {
  const { feed } = selection;
  return (
    <BulkDialog
      title="Move to trash"
      target={selection.target}
      size={selection.size.value}
      call={(images) => post("/images/trash", { body: { images } })}
      inputs=""
      describe={(count) =>
        `${formatPhotos(count)} will move to the trash. You can restore ${count === 1 ? "it" : "them"} for 30 days.`
      }
      action="Move to trash"
      isDangerous
      verb="moved to the trash"
      onDone={(summary) => {
        const moved = new Set(summary.changed);
        const images = feed.images.value.filter(({ id }) => moved.has(id));
        removeImages(feed, summary.changed);
        // Only ready images go to the trash; others are deleted at once. All images that are not loaded are ready.
        const deleted = new Set(images.filter(({ state }) => state !== "ready").map(({ id }) => id));
        const restorable = summary.changed.filter((id) => !deleted.has(id));
        toast(
          `${describeSummary(summary, "moved to the trash")}.`,
          "done",
          restorable.length ? { label: "Undo", run: () => void undo(feed, restorable, images) } : null,
        );
        if (!(summary.failures.size || summary.ended)) {
          selection.clear();
        }
      }}
      onClose={onClose}
    />
  );
}

/** Restore the images that were just moved to the trash. */
async function undo(feed: Feed, ids: readonly string[], images: readonly ImageSummary[]): Promise<void> {
  announce(`Restoring ${formatPhotos(ids.length)}`);
  const summary = await applyBulk({ ids }, (batch) => post("/images/restore", { body: { images: batch } }), {
    signal: new AbortController().signal,
    onProgress: () => {},
  });
  const restored = new Set(summary.changed);
  restoreImages(
    feed,
    images.filter(({ id }) => restored.has(id)),
  );
  const reasons = [...summary.failures.keys(), summary.ended].filter(Boolean).join(" ");
  toast(`${describeSummary(summary, "restored")}. ${reasons}`.trim(), reasons ? "failed" : "done");
}
