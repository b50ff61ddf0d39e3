// The dialog of an undo: its progress if it takes long, then the photos that were changed since and stay as they are.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { get } from "../api";
import { formatNumber, formatPhotos } from "../formats";
import type { BulkOutcome } from "../schemas";
import { ActionButton } from "../ui/action-button";
import { Dialog } from "../ui/dialog";
import { FormError } from "../ui/notice";
import { ProgressDialog } from "./bulk-dialog";
import { currentFeed } from "./current-feed";
import { everything } from "./feeds";
import { closeUndoing, type Undoing, undoing } from "./undo";
import "../styles/undo.css";

const MAX_ROWS = 20;
const TITLE = "Undo";

export default function UndoDialog() {
  const current = undoing.value;
  if (!current) {
    return null;
  }
  const { kept, progress, change, stop } = current;
  return kept ? (
    <ResultDialog {...current} kept={kept} />
  ) : (
    <ProgressDialog title={TITLE} size={change.size} progress={progress} onStop={stop} />
  );
}

function ResultDialog({ kept, restored, ended }: Undoing & { readonly kept: readonly BulkOutcome[] }) {
  const close = <ActionButton label="Close" kind="primary" onClick={closeUndoing} />;
  return (
    <Dialog title={TITLE} onClose={closeUndoing} actions={close}>
      <p>{formatPhotos(restored)} restored.</p>
      {ended && <FormError>{ended} Undo again to continue.</FormError>}
      {kept.length > 0 && (
        <>
          <p>
            {formatPhotos(kept.length)} {kept.length === 1 ? "was" : "were"} changed since then, and{" "}
            {kept.length === 1 ? "stays as it is" : "stay as they are"}:
          </p>
          <ul class="undo-kept">
            {kept.slice(0, MAX_ROWS).map((outcome) => (
              <KeptPhoto key={outcome.image} {...outcome} />
            ))}
            {kept.length > MAX_ROWS && <li class="muted">And {formatNumber(kept.length - MAX_ROWS)} more</li>}
          </ul>
        </>
      )}
    </Dialog>
  );
}

/** The name of a photo that stays as it is, with a link to it. A deleted photo has no link. */
function KeptPhoto({ image: id, detail }: BulkOutcome) {
  const name = useSignal(findName(id));
  useEffect(() => {
    if (!name.value) {
      get("/images/{image_id}", { path: { image_id: id } }).then(
        (image) => {
          name.value = image.name;
        },
        () => {},
      );
    }
  }, [id]);
  return (
    <li>
      {name.value ? (
        <a href={`/photos/${id}`} onClick={closeUndoing}>
          {name.value}
        </a>
      ) : (
        <span>{detail}</span>
      )}
    </li>
  );
}

function findName(id: string): string {
  const lists = [currentFeed.peek(), everything()];
  return lists.flatMap((list) => list?.images.peek() ?? []).find((image) => image.id === id)?.name ?? "";
}
