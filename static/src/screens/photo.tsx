// The lightbox: one photo over the screen below, with the next and previous photo of the list it was opened from.

import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import * as messages from "#messages/photo";
import { wordsFor } from "../http";
import { focusedImageId } from "../library/current-feed";
import { DeleteFailedDialog } from "../library/delete-failed-dialog";
import { describeImage } from "../library/image-text";
import { offerUndo } from "../library/undo";
import { screenOf } from "../paths";
import { AddToAlbum, chooseAlbum } from "../photo/add-to-album";
import { cancelDraft, draft } from "../photo/box-draft";
import { showsPanel } from "../photo/display-options";
import { isFull, leaveFullView, useFullView } from "../photo/full-view";
import { highlight } from "../photo/highlight";
import { useIdle } from "../photo/idle";
import { findListed, showRestored, trashImage } from "../photo/image-actions";
import { handleKey, useKeys } from "../photo/keys";
import { around, useNeighbours } from "../photo/list-place";
import { Panel } from "../photo/panel";
import { type Photo, photoOf } from "../photo/photo";
import { copyPhotoLink } from "../photo/photo-link";
import { SharePhoto } from "../photo/share-photo";
import { useSingleClick } from "../photo/single-click";
import { slideshow, useSlideshow } from "../photo/slideshow";
import { SlideshowBar } from "../photo/slideshow-bar";
import { Stage } from "../photo/stage";
import { StageNotice } from "../photo/stage-notice";
import { Toolbar } from "../photo/toolbar";
import { Viewport } from "../photo/viewport";
import { back, go, place } from "../router";
import "../styles/photo.css";
import "../styles/stage.css";
import "../styles/panel.css";
import { Icon } from "../ui/icon";
import { announce, Toasts, toast } from "../ui/toasts";

let isClosing = false; // until the place below is shown; a second Escape must not go back twice

function close(): void {
  if (!isClosing) {
    isClosing = true;
    back("/");
  }
}

const show = (id: string) => go(`/photos/${id}`, "replace");

export default function PhotoScreen({ id }: { id: string }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const viewport = useMemo(() => new Viewport(), []);
  const now = useRef(id); // for functions that outlive a rendering
  now.current = id;
  const photo = photoOf(id);
  const image = photo.details.value ?? findListed(id);

  const turn = useMemo(
    () => (direction: 1 | -1) => {
      const { previous: before, next: after } = around(now.current);
      const to = direction === 1 ? after : before;
      if (to) {
        show(to);
        const image = findListed(to);
        announce(image ? describeImage(image) : "");
      }
    },
    [],
  );
  const isAsking = useSignal(false);
  const trash = useMemo(
    () => () => {
      const current = photoOf(now.current);
      if (current.details.value?.state === "failed") {
        isAsking.value = true;
      } else {
        void moveToTrash(current);
      }
    },
    [isAsking],
  );

  const favour = useMemo(() => () => toggleFavourite(photoOf(now.current)), []);

  useModal(dialog, now, viewport);
  useSingleClick();
  useKeys(viewport, {
    turn,
    trash,
    favour,
    addToAlbum: () => chooseAlbum(photoOf(now.current)),
    copyLink: () => void copyPhotoLink(now.current),
  });
  useNeighbours(id);
  useFullView();
  useSlideshow(id, viewport.isZoomed.value, show);
  const isShow = slideshow.value !== "off";
  const isIdle = useIdle(isFull.value && slideshow.value !== "paused").value;
  useOpening(photo, dialog);

  return (
    <dialog
      ref={dialog}
      class={classOf(isIdle)}
      aria-label={image?.name ?? messages.photo}
      tabIndex={-1}
      onCancel={(event) => {
        event.preventDefault();
        dismiss();
      }}
      onClose={close}
      onKeyDown={(event) => handleKey(event, viewport)}
    >
      <Stage photo={photo} image={image} viewport={viewport} turn={turn} close={close}>
        <StageNotice photo={photo} onDelete={trash} />
        {isShow ? (
          <SlideshowBar turn={turn} />
        ) : (
          <>
            <TurnButtons id={id} turn={turn} />
            <Toolbar photo={photo} viewport={viewport} onClose={close} onFavourite={favour} onTrash={trash} />
          </>
        )}
      </Stage>
      {showsPanel.value && !isFull.value && (
        <Panel
          key={id}
          photo={photo}
          onClose={() => {
            showsPanel.value = false;
          }}
        />
      )}
      {isAsking.value && (
        <DeleteFailedDialog
          name={image?.name ?? messages.thisPhoto}
          onConfirm={() => void moveToTrash(photo)}
          onClose={() => {
            isAsking.value = false;
          }}
        />
      )}
      <AddToAlbum photo={photo} />
      <SharePhoto photo={photo} />
      <Toasts />
    </dialog>
  );
}

/** Return the class of the lightbox. `isIdle`: nobody has used it for a while. */
function classOf(isIdle: boolean): string {
  const classes = {
    "with-panel": showsPanel.value && !isFull.value,
    full: isFull.value,
    showing: slideshow.value !== "off",
    idle: isIdle,
  };
  return ["photo", ...Object.entries(classes).flatMap(([name, isOn]) => (isOn ? [name] : []))].join(" ");
}

function TurnButtons({ id, turn }: { id: string; turn: (direction: 1 | -1) => void }) {
  const { previous, next } = around(id);
  return (
    <>
      {previous && (
        <button type="button" class="stage-turn previous" aria-label={messages.previous} onClick={() => turn(-1)}>
          <Icon name="left" size={28} />
        </button>
      )}
      {next && (
        <button type="button" class="stage-turn next" aria-label={messages.next} onClick={() => turn(1)}>
          <Icon name="right" size={28} />
        </button>
      )}
    </>
  );
}

/** Load the photo, and begin with nothing marked in it. */
function useOpening(photo: Photo, dialog: { readonly current: HTMLDialogElement | null }): void {
  useEffect(() => {
    const ended = new AbortController();
    isClosing = false;
    highlight.value = null;
    cancelDraft();
    photo.links.value ??= findListed(photo.id)?.links ?? null;
    void photo.load(ended.signal);
    return () => ended.abort();
  }, [photo]);
  useEffect(() => {
    // The control with the focus may be gone, such as the button that has started the slideshow.
    if (!dialog.current?.contains(document.activeElement)) {
      dialog.current?.focus();
    }
  });
}

/** Close what is open: the editor of a box, the full view, or else the photo. */
function dismiss(): void {
  if (draft.value) {
    cancelDraft();
  } else if (isFull.value) {
    leaveFullView();
  } else {
    close();
  }
}

/** Open the dialog. When it closes, the tile of the last photo gets the focus. */
function useModal(
  dialog: { readonly current: HTMLDialogElement | null },
  now: { readonly current: string },
  viewport: Viewport,
): void {
  useLayoutEffect(() => {
    dialog.current?.showModal();
    viewport.measure(); // at once, because a transition waits for the photo
    dialog.current?.focus();
    return () => {
      // Wait until the browser has restored the scroll position.
      requestAnimationFrame(() =>
        requestAnimationFrame(() => {
          focusedImageId.value = now.current;
        }),
      );
    };
  }, [dialog, now, viewport]);
}

/** Make a photo a favourite, or no longer one, and say so. */
function toggleFavourite({ id, details, favourite }: Photo): void {
  if ((details.peek() ?? findListed(id))?.state === "ready") {
    favourite.toggle();
    announce(favourite.isOn.peek() ? messages.addedToFavourites : messages.removedFromFavourites);
  }
}

async function moveToTrash(photo: Photo): Promise<void> {
  const { id } = photo;
  const isReady = photo.details.value?.state === "ready";
  const { previous, next } = around(id);
  let operation: string;
  try {
    operation = await trashImage(id);
  } catch (error) {
    toast(wordsFor(error), "failed");
    return;
  }
  const after = next ?? previous;
  if (after) {
    show(after);
  } else {
    close();
  }
  const text = isReady ? messages.movedToTheTrash : messages.deleted;
  offerUndo({ operation, text, size: isReady ? 1 : 0, onUndone: () => showAgain(id) });
}

async function showAgain(id: string): Promise<void> {
  await showRestored(id);
  if (screenOf(place.value.path) === "photo") {
    show(id);
  }
}
