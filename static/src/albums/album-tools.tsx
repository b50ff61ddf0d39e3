// What can be done with the selected photos of an album: the cover, their places, and their removal.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import * as messages from "#messages/albums";
import { wordsFor } from "../http";
import { removeCall } from "../library/album-edits";
import { changeAlbum } from "../library/albums";
import { BulkDialog } from "../library/bulk-dialog";
import { focusedImageId } from "../library/current-feed";
import { forgetSearches } from "../library/feeds";
import { atFocus } from "../library/selectable";
import { describeChange, finishEdit } from "../library/selected-edit";
import type { Selection } from "../library/selection";
import { isRightToLeft } from "../library/text-direction";
import type { AlbumResponse } from "../schemas";
import { ActionButton } from "../ui/action-button";
import { toast } from "../ui/toasts";
import type { Arrangement } from "./arrangement";
import { moveByOne } from "./hand-order";

type Move = Arrangement["move"];

interface AlbumToolsProps {
  readonly album: AlbumResponse;
  readonly selection: Selection;
  readonly onAlbum: (album: AlbumResponse) => void;
  /** Move photos; null if they are sorted by their dates. */
  readonly move: Move | null;
}

export function AlbumTools({ album, selection, onAlbum, move }: AlbumToolsProps) {
  const isRemoving = useSignal(false);
  const moveIt = useMoveKeys(selection, move);
  const size = selection.size.value;
  const isWhole = selection.whole.value !== null;
  const setCover = async () => {
    try {
      onAlbum(await changeAlbum(album.id, { cover: selection.images.peek()[0]?.id ?? null }));
      selection.clear();
      toast(messages.coverSet);
    } catch (error) {
      toast(wordsFor(error), "failed");
    }
  };
  return (
    <>
      {size > 0 && (
        <div class="album-tools" role="toolbar" aria-label={messages.albumActions}>
          {move && !isWhole && (
            <>
              <ActionButton
                label={messages.moveEarlier}
                icon="earlier"
                class="album-move"
                kind="quiet"
                size="small"
                onClick={() => moveIt(-1)}
              />
              <ActionButton
                label={messages.moveLater}
                icon="later"
                class="album-move"
                kind="quiet"
                size="small"
                onClick={() => moveIt(1)}
              />
            </>
          )}
          {size === 1 && !isWhole && (
            <ActionButton
              label={messages.setAsCover}
              icon="photos"
              kind="quiet"
              size="small"
              onClick={() => void setCover()}
            />
          )}
          <ActionButton
            label={messages.removeFromAlbum}
            icon="minus"
            kind="quiet"
            size="small"
            onClick={() => {
              isRemoving.value = true;
            }}
          />
        </div>
      )}
      {isRemoving.value && (
        <RemoveDialog
          album={album}
          selection={selection}
          onClose={() => {
            isRemoving.value = false;
          }}
        />
      )}
    </>
  );
}

/** Alt and an arrow key move the selected photos, or the focused one. Returns the function that moves them. */
function useMoveKeys(selection: Selection, move: Move | null): (by: 1 | -1) => void {
  const run = (by: 1 | -1): boolean => {
    const ids = new Set(selection.images.peek().map(({ id }) => id));
    let focused = "";
    atFocus((id) => {
      focused = id;
    });
    if (ids.size === 0 && focused) {
      ids.add(focused);
    }
    if (!move || ids.size === 0 || selection.whole.peek()) {
      return false;
    }
    const keepFocus = () => {
      focusedImageId.value = focused; // its tile has another place in the page
    };
    void move(ids, (order) => moveByOne(order, ids, by), keepFocus);
    return true;
  };
  const latest = useRef(run);
  latest.current = run;
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const arrow = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      const isPlain = event.altKey && !(event.ctrlKey || event.metaKey || event.shiftKey);
      if (arrow && isPlain && !document.querySelector("dialog:modal")) {
        const isMoved = latest.current((isRightToLeft() ? -arrow : arrow) as 1 | -1);
        isMoved && event.preventDefault(); // otherwise, the browser goes back or forward
      }
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, []);
  return run;
}

interface RemoveDialogProps {
  readonly album: AlbumResponse;
  readonly selection: Selection;
  readonly onClose: () => void;
}

function RemoveDialog({ album: { id, title }, selection, onClose }: RemoveDialogProps) {
  const describeRemoved = messages.photosRemoved(title);
  return (
    <BulkDialog
      title={messages.removeFromAlbum}
      target={selection.target}
      size={selection.size.value}
      call={removeCall(id)}
      inputs=""
      describe={(count) => (count ? messages.photosWillBeRemoved(count) : describeChange(count))}
      action={messages.removeFromAlbum}
      describeChanged={describeRemoved}
      onDone={(summary) =>
        finishEdit(
          selection,
          summary,
          () => {
            selection.feed.remove(new Set(summary.changed));
            forgetSearches();
          },
          describeRemoved,
        )
      }
      onClose={onClose}
    />
  );
}
