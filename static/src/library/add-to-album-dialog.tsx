// Add photos to an album, or to a new one. One undo takes back both.

import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import * as messages from "#messages/albums";
import { post } from "../api";
import type { AlbumResponse } from "../schemas";
import { addCall } from "./album-edits";
import { type AlbumChoice, AlbumPicker } from "./album-picker";
import { createAlbum, deleteAlbum, readAlbum, readAlbumsQuietly } from "./albums";
import { type BulkCall, type BulkSummary, type BulkTarget, describeSummary } from "./bulk";
import { BulkDialog } from "./bulk-dialog";
import { forgetSearches } from "./feeds";
import { offerUndo } from "./undo";

interface AddToAlbumProps {
  readonly target: BulkTarget;
  readonly size: number;
  /** Called after the photos were added, and after that was undone. */
  readonly onChanged: () => void;
  readonly onDone: (summary: BulkSummary) => void;
  readonly onClose: () => void;
}

export function AddToAlbumDialog({ target, size, onChanged, onDone, onClose }: AddToAlbumProps) {
  const choice = useSignal<AlbumChoice | null>(null);
  const created = useRef<AlbumResponse | null>(null);
  const chosen = choice.value;
  const isNew = chosen !== null && "title" in chosen;

  const finish = async (summary: BulkSummary) => {
    const album = created.current ?? (chosen && "album" in chosen ? chosen.album : null);
    if (created.current && summary.changed.length === 0) {
      await removeEmpty(created.current); // so that another attempt can have the same title
    }
    onDone(summary);
    if (!album) {
      readAlbumsQuietly();
      return;
    }
    forgetSearches();
    readAlbumsQuietly();
    onChanged();
    const describeAdded = messages.photosAdded(album.title);
    const text = describeSummary(summary, describeAdded);
    offerUndo({
      operation: summary.operation,
      text,
      size: summary.changed.length,
      onUndone: async () => {
        await (created.current && removeEmpty(created.current));
        forgetSearches();
        readAlbumsQuietly();
        onChanged();
      },
    });
  };

  return (
    <BulkDialog
      title={messages.addToAlbum}
      target={target}
      size={size}
      call={chosen && callFor(chosen, created)}
      inputs={chosen ? ("album" in chosen ? chosen.album.id : `title ${chosen.title}`) : ""}
      describe={(count) => (count ? messages.photosWillBeAdded(count) : messages.nothingToAdd)}
      action={isNew ? messages.createAlbum : messages.add}
      describeChanged={(count) => messages.photosAdded(created.current?.title ?? titleOf(chosen))(count)}
      onDone={(summary) => void finish(summary)}
      onClose={onClose}
    >
      <AlbumPicker
        choice={chosen}
        onChoice={(next) => {
          choice.value = next;
        }}
      />
    </BulkDialog>
  );
}

function titleOf(choice: AlbumChoice | null): string {
  return choice ? ("album" in choice ? choice.album.title : choice.title) : "";
}

/** Return the request that adds images. A new album is created with the first ones. */
function callFor(choice: AlbumChoice, created: { current: AlbumResponse | null }): BulkCall {
  if ("album" in choice) {
    return addCall(choice.album.id);
  }
  return async (images, key, operation) => {
    if (!operation) {
      return await post("/images/trash", { body: { images } }); // a dry run counts the images
    }
    created.current ??= await createAlbum(choice.title);
    return await addCall(created.current.id)(images, key, operation);
  };
}

/** Delete an album that was created here, unless it has photos by now. */
async function removeEmpty({ id }: AlbumResponse): Promise<void> {
  const isEmpty = await readAlbum(id).then(
    ({ images }) => images === 0,
    () => false,
  );
  if (isEmpty) {
    await deleteAlbum(id).catch(() => {});
  }
}
