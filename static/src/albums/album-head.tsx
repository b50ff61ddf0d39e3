// The top of an album: its title and number of photos, their order, and what can be done with the album.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import * as messages from "#messages/albums";
import { formatPhotos } from "#messages/formats";
import { Problem, wordsFor } from "../http";
import { albumQuery, changeAlbum, deleteAlbum } from "../library/albums";
import { DensitySwitch } from "../library/density-switch";
import { ALBUMS_PATH } from "../paths";
import { go } from "../router";
import type { AlbumOrder, AlbumResponse } from "../schemas";
import { ActionButton } from "../ui/action-button";
import { ConfirmDialog } from "../ui/confirm-dialog";
import { fill } from "../ui/fill";
import { lazy } from "../ui/lazy";
import { Switch } from "../ui/switch";
import { toast } from "../ui/toasts";
import { TitleDialog } from "./title-dialog";

const DownloadDialog = lazy(() => import("../download/download-dialog"));
const ShareDialog = lazy(() => import("../sharing/share-dialog"));

const ORDERS = [
  { value: "taken", label: messages.byDate },
  { value: "hand", label: messages.byHand },
] as const;

interface AlbumHeadProps {
  readonly album: AlbumResponse;
  /** The number of photos. */
  readonly size: number;
  readonly onAlbum: (album: AlbumResponse) => void;
}

export function AlbumHead({ album, size, onAlbum }: AlbumHeadProps) {
  const dialog = useSignal<"share" | "rename" | "download" | "delete" | null>(null);
  const close = () => {
    dialog.value = null;
  };
  const order = useSignal(album.order);
  useEffect(() => {
    order.value = album.order;
  }, [album.order]);
  const sort = async (chosen: AlbumOrder) => {
    order.value = chosen;
    try {
      onAlbum(await changeAlbum(album.id, { order: chosen }));
    } catch (error) {
      order.value = album.order;
      toast(wordsFor(error), "failed");
    }
  };
  return (
    <header class="page-head album-head">
      <div>
        <h1>
          <bdi>{album.title}</bdi>
        </h1>
        <p class="page-lead">{formatPhotos(size)}</p>
      </div>
      <div class="page-actions">
        <ActionButton
          label={messages.shareAlbum}
          icon="share"
          kind="quiet"
          isIconOnly
          onClick={() => {
            dialog.value = "share";
          }}
        />
        <ActionButton
          label={messages.renameAlbum}
          icon="rename"
          kind="quiet"
          isIconOnly
          onClick={() => {
            dialog.value = "rename";
          }}
        />
        {size > 0 && (
          <ActionButton
            label={messages.downloadAlbum}
            icon="download"
            kind="quiet"
            isIconOnly
            onClick={() => {
              dialog.value = "download";
            }}
          />
        )}
        <ActionButton
          label={messages.deleteAlbum}
          icon="trash"
          kind="quiet"
          isIconOnly
          onClick={() => {
            dialog.value = "delete";
          }}
        />
      </div>
      {size > 0 && (
        <div class="page-actions">
          <DensitySwitch />
          <Switch label={messages.order} value={order.value} choices={ORDERS} onValue={(chosen) => void sort(chosen)} />
        </div>
      )}
      {size > 1 && album.order === "hand" && (
        <p class="muted album-hint">
          {fill(messages.byHandHint, <kbd>{messages.keyAlt}</kbd>, <span>{messages.keyArrow}</span>)}
        </p>
      )}
      {dialog.value === "share" && (
        <ShareDialog target={{ kind: "album", id: album.id, title: album.title }} onClose={close} />
      )}
      {dialog.value === "rename" && (
        <TitleDialog
          heading={messages.renameAlbum}
          action={messages.rename}
          initial={album.title}
          save={async (title) => onAlbum(await changeAlbum(album.id, { title }))}
          onClose={close}
        />
      )}
      {dialog.value === "download" && <DownloadDialog source={{ query: albumQuery(album.id) }} onClose={close} />}
      {dialog.value === "delete" && <DeleteDialog album={album} size={size} onClose={close} />}
    </header>
  );
}

interface DeleteDialogProps {
  readonly album: AlbumResponse;
  readonly size: number;
  readonly onClose: () => void;
}

function DeleteDialog({ album: { id, title }, size, onClose }: DeleteDialogProps) {
  const problem = useSignal("");
  const isBusy = useSignal(false);
  const run = async () => {
    isBusy.value = true;
    try {
      await deleteAlbum(id);
    } catch (error) {
      // It may have been deleted in another tab.
      if (!(error instanceof Problem && error.status === 404)) {
        problem.value = wordsFor(error);
        isBusy.value = false;
        return;
      }
    }
    onClose();
    go(ALBUMS_PATH, "replace");
    toast(messages.deletedIt(title));
  };
  return (
    <ConfirmDialog
      title={messages.deleteIt(title)}
      action={messages.deleteAlbum}
      isDangerous
      isReady={!isBusy.value}
      problem={problem.value}
      onConfirm={() => void run()}
      onClose={onClose}
    >
      <p>{messages.photosStay(size)}</p>
    </ConfirmDialog>
  );
}
