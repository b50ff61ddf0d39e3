// The dialog of an undo: its progress if it takes long, then the photos that were changed since and stay as they are.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import * as controls from "#messages/controls";
import * as messages from "#messages/edits";
import { outcome } from "#messages/outcomes";
import { get } from "../api";
import { formatNumber } from "../formats";
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
const TITLE = controls.undo;

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
  const close = <ActionButton label={controls.close} kind="primary" onClick={closeUndoing} />;
  return (
    <Dialog title={TITLE} onClose={closeUndoing} actions={close}>
      <p>{messages.photosRestored(restored)}</p>
      {ended && <FormError>{messages.undoAgain(ended)}</FormError>}
      {kept.length > 0 && (
        <>
          <p>{messages.photosKept(kept.length)}</p>
          <ul class="undo-kept">
            {kept.slice(0, MAX_ROWS).map((outcome) => (
              <KeptPhoto key={outcome.image} {...outcome} />
            ))}
            {kept.length > MAX_ROWS && <li class="muted">{controls.andMore(formatNumber(kept.length - MAX_ROWS))}</li>}
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
        <span>{outcome(detail)}</span>
      )}
    </li>
  );
}

function findName(id: string): string {
  const lists = [currentFeed.peek(), everything()];
  return lists.flatMap((list) => list?.images.peek() ?? []).find((image) => image.id === id)?.name ?? "";
}
