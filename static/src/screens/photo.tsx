// The lightbox: one photo over the screen below, with the next and previous photo of the list it was opened from.

import { useComputed, useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { wordsFor } from "../http";
import { currentFeed, focusedImageId } from "../library/current-feed";
import { DeleteFailedDialog } from "../library/delete-failed-dialog";
import { everything } from "../library/feeds";
import { describeImage } from "../library/image-text";
import { screenOf } from "../paths";
import { showsBoxes, showsPanel } from "../photo/display-options";
import { highlight } from "../photo/highlight";
import { neighboursOf } from "../photo/neighbours";
import { Panel } from "../photo/panel";
import { type Photo, photoOf, restoreImage, trashImage } from "../photo/photo";
import { useSingleClick } from "../photo/single-click";
import { Stage } from "../photo/stage";
import { Toolbar, ZOOM_STEP } from "../photo/toolbar";
import { Viewport } from "../photo/viewport";
import { back, go, place } from "../router";
import type { ImageSummary } from "../schemas";
import "../styles/photo.css";
import "../styles/stage.css";
import "../styles/panel.css";
import { ActionButton } from "../ui/action-button";
import { Icon } from "../ui/icon";
import { Empty, Failed } from "../ui/notice";
import { useShortcuts } from "../ui/shortcuts";
import { announce, Toasts, toast } from "../ui/toasts";

const PREFETCH = 5; // with fewer photos after this one, the next page is loaded
const PAN_PIXELS = 80;

let isClosing = false; // until the place below is shown; a second Escape must not go back twice

function close(): void {
  if (!isClosing) {
    isClosing = true;
    back("/");
  }
}

const show = (id: string) => go(`/photos/${id}`, "replace");

/** Return an image from the loaded lists; null if it isn't in one. */
function findListed(id: string): ImageSummary | null {
  const has = (image: ImageSummary) => image.id === id;
  return currentFeed.value?.images.value.find(has) ?? everything().images.value.find(has) ?? null;
}

function around(id: string) {
  const { images, keyOf } = currentFeed.value ?? everything();
  const image = photoOf(id).details.value;
  return neighboursOf({ images: images.value, keyOf, key: image && keyOf(image) }, id);
}

export default function PhotoScreen({ id }: { id: string }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const viewport = useMemo(() => new Viewport(), []);
  const now = useRef(id); // for functions that outlive a rendering
  now.current = id;
  const photo = photoOf(id);
  const image = photo.details.value ?? findListed(id);
  const { previous, next } = around(id);

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

  useModal(dialog, now);
  useSingleClick();
  useKeys(viewport, turn, trash);
  useNeighbours(id);
  useEffect(() => {
    const ended = new AbortController();
    isClosing = false;
    highlight.value = null;
    photo.links.value ??= findListed(id)?.links ?? null;
    void photo.load(ended.signal);
    if (!dialog.current?.contains(document.activeElement)) {
      dialog.current?.focus();
    }
    return () => ended.abort();
  }, [photo, id]);

  return (
    <dialog
      ref={dialog}
      class={showsPanel.value ? "photo with-panel" : "photo"}
      aria-label={image?.name ?? "Photo"}
      tabIndex={-1}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      onClose={close}
      onKeyDown={(event) => panUpOrDown(event, viewport)}
    >
      <Stage photo={photo} image={image} viewport={viewport} turn={turn} close={close}>
        <StageNotice photo={photo} onDelete={trash} />
        {previous && (
          <button type="button" class="stage-turn previous" aria-label="Previous" onClick={() => turn(-1)}>
            <Icon name="left" size={28} />
          </button>
        )}
        {next && (
          <button type="button" class="stage-turn next" aria-label="Next" onClick={() => turn(1)}>
            <Icon name="right" size={28} />
          </button>
        )}
        <Toolbar photo={photo} viewport={viewport} onClose={close} onTrash={trash} />
      </Stage>
      {showsPanel.value && (
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
          name={image?.name ?? "This photo"}
          onConfirm={() => void moveToTrash(photo)}
          onClose={() => {
            isAsking.value = false;
          }}
        />
      )}
      <Toasts />
    </dialog>
  );
}

/** The notice on the stage while there is no picture. */
function StageNotice({ photo, onDelete }: { photo: Photo; onDelete: () => void }) {
  const image = photo.details.value;
  if (photo.isMissing.value) {
    return (
      <div class="stage-notice" role="alert">
        <Empty
          icon="photos"
          title="Photo not found"
          actions={
            <a class="button" href="/">
              Go to library
            </a>
          }
        >
          It was deleted permanently, or it belongs to another account.
        </Empty>
      </div>
    );
  }
  if (photo.problem.value) {
    return (
      <div class="stage-notice">
        <Failed text={photo.problem.value} onRetry={() => void photo.load(new AbortController().signal)} />
      </div>
    );
  }
  if (image?.state === "failed") {
    return (
      <div class="stage-notice">
        <Failed
          title="Can't read this photo"
          text={image.reason}
          isBusy={photo.isRedetecting.value}
          onRetry={() => void photo.redetect()}
        >
          {image.original && (
            <a class="button" href={image.original} download>
              <Icon name="download" />
              <span>Download original</span>
            </a>
          )}
          <ActionButton label="Delete" icon="trash" onClick={onDelete} />
        </Failed>
      </div>
    );
  }
  return (
    <p class="stage-state" role="status">
      {image?.state === "pending" && (
        <>
          <span class="spinner" /> Detecting objects. The photo appears here when this is done.
        </>
      )}
      {image?.damage && !showsPanel.value && (
        <>
          <Icon name="alert" /> {image.damage}
        </>
      )}
    </p>
  );
}

/** Open the dialog. When it closes, the tile of the last photo gets the focus. */
function useModal(dialog: { readonly current: HTMLDialogElement | null }, now: { readonly current: string }): void {
  useLayoutEffect(() => {
    dialog.current?.showModal();
    dialog.current?.focus();
    return () => {
      // Wait until the browser has restored the scroll position.
      requestAnimationFrame(() =>
        requestAnimationFrame(() => {
          focusedImageId.value = now.current;
        }),
      );
    };
  }, [dialog, now]);
}

/** Load the next page before an end of the list, and the pictures of the neighbours. */
function useNeighbours(id: string): void {
  const preloaded = useRef<readonly HTMLImageElement[]>([]);
  const feed = currentFeed.value ?? everything();
  const { preceding, following } = around(id);
  const { value: status } = feed.status;
  const { value: above } = feed.above;
  useEffect(() => {
    if (status === "idle" && following < PREFETCH) {
      void feed.more();
    }
    if (above === "idle" && preceding < PREFETCH) {
      void feed.moreAbove();
    }
  }, [feed, status, above, preceding, following]);
  const links = useComputed(() => {
    const { previous, next } = around(place.value.path.split("/")[2] ?? "");
    return [next, previous].map((neighbour) => (neighbour && findListed(neighbour)?.links?.preview) || "").join("\n");
  });
  useSignalEffect(() => {
    preloaded.current = links.value
      .split("\n")
      .filter(Boolean)
      .map((url) => Object.assign(new Image(), { src: url }));
  });
}

function useKeys(viewport: Viewport, turn: (direction: 1 | -1) => void, trash: () => void): void {
  const step = (direction: 1 | -1) => {
    if (viewport.isZoomed.value) {
      viewport.pan({ x: -direction * PAN_PIXELS, y: 0 });
    } else {
      turn(direction);
    }
  };
  const keys = [
    { key: "ArrowLeft", does: "Previous photo, or left when zoomed", run: () => step(-1) },
    { key: "ArrowRight", does: "Next photo, or right when zoomed", run: () => step(1) },
    { key: "+", does: "Zoom in", run: () => viewport.zoom(ZOOM_STEP) },
    { key: "-", does: "Zoom out", run: () => viewport.zoom(1 / ZOOM_STEP) },
    { key: "0", does: "Fit to screen", run: () => viewport.reset() },
    {
      key: "b",
      does: "Show boxes",
      run: () => {
        showsBoxes.value = !showsBoxes.value;
      },
    },
    {
      key: "i",
      does: "Show details",
      run: () => {
        showsPanel.value = !showsPanel.value;
      },
    },
    { key: "Delete", does: "Move to trash", run: trash },
  ];
  useShortcuts(
    keys.map(({ run, ...key }) => ({
      ...key,
      group: "Photo",
      inDialog: true,
      // They are off while another dialog covers this one.
      run: () => document.querySelectorAll("dialog:modal").length === 1 && run(),
    })),
  );
}

function panUpOrDown(event: KeyboardEvent, viewport: Viewport): void {
  const by = { ArrowUp: PAN_PIXELS, ArrowDown: -PAN_PIXELS }[event.key];
  if (by && viewport.isZoomed.value && !event.defaultPrevented) {
    event.preventDefault();
    viewport.pan({ x: 0, y: by });
  }
}

async function moveToTrash(photo: Photo): Promise<void> {
  const { id } = photo;
  const isReady = photo.details.value?.state === "ready";
  const { previous, next } = around(id);
  try {
    await trashImage(id);
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
  toast(
    isReady ? "Moved to the trash." : "Deleted.",
    "done",
    isReady ? { label: "Undo", run: () => void undo(id) } : null,
  );
}

async function undo(id: string): Promise<void> {
  try {
    await restoreImage(id);
  } catch (error) {
    toast(wordsFor(error), "failed");
    return;
  }
  announce("Restored.");
  if (screenOf(place.value.path) === "photo") {
    show(id);
  }
}
