// One photograph, large, over what lies underneath; with the next and the previous of the list it was opened from.

import { useComputed, useSignalEffect } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { wordsFor } from "../http";
import { focusReturns, shownFeed } from "../library/current-feed";
import { everything } from "../library/feeds";
import { inWords } from "../library/tile";
import { screenOf } from "../paths";
import { lit, showsBoxes, showsPanel } from "../photo/look";
import { neighboursOf } from "../photo/neighbours";
import { Panel } from "../photo/panel";
import { type Photo, photoOf, restoreImage, trashImage } from "../photo/photo";
import { Stage } from "../photo/stage";
import { STEP, Toolbar } from "../photo/toolbar";
import { Viewport } from "../photo/viewport";
import { back, go, place } from "../router";
import type { ImageSummary } from "../schemas";
import "../styles/photo.css";
import { Icon } from "../ui/icon";
import { Empty, Failed } from "../ui/notice";
import { useShortcuts } from "../ui/shortcuts";
import { announce, Toasts, toast } from "../ui/toasts";

const AHEAD = 5; // so many more are known to follow, or the list is read on
const PAN = 80;

const close = () => back("/");
const show = (id: string) => go(`/photos/${id}`, "replace");

/** What the list says of an image. */
function listed(id: string): ImageSummary | null {
  const has = (image: ImageSummary) => image.id === id;
  return shownFeed.value?.images.value.find(has) ?? everything().images.value.find(has) ?? null;
}

function around(id: string) {
  return neighboursOf((shownFeed.value ?? everything()).images.value, id);
}

export default function PhotoScreen({ id }: { id: string }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const viewport = useMemo(() => new Viewport(), []);
  const now = useRef(id); // for what outlives a rendering
  now.current = id;
  const photo = photoOf(id);
  const image = photo.details.value ?? listed(id);
  const { previous, next } = around(id);

  const turn = useMemo(
    () => (direction: 1 | -1) => {
      const { previous: before, next: after } = around(now.current);
      const to = direction === 1 ? after : before;
      if (to) {
        show(to);
        const there = listed(to);
        announce(there ? inWords(there) : "");
      }
    },
    [],
  );
  const trash = useMemo(() => () => void moveToTrash(photoOf(now.current)), []);

  useModal(dialog, now);
  useKeys(viewport, turn, trash);
  useNeighbours(id);
  useEffect(() => {
    const ended = new AbortController();
    lit.value = null;
    photo.links.value ??= listed(id)?.links ?? null;
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
      aria-label={image?.name ?? "Photograph"}
      tabIndex={-1}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      onClose={close}
      onKeyDown={(event) => panUpOrDown(event, viewport)}
    >
      <Stage photo={photo} image={image} viewport={viewport} turn={turn} close={close}>
        <State photo={photo} />
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
      <Toasts />
    </dialog>
  );
}

/** What there is to say on the stage as long as there is no picture. */
function State({ photo }: { photo: Photo }) {
  const image = photo.details.value;
  if (photo.isMissing.value) {
    return (
      <div class="stage-notice" role="alert">
        <Empty
          icon="photos"
          title="This photograph is not here"
          actions={
            <a class="button" href="/">
              Go to the library
            </a>
          }
        >
          It was deleted for good, or the link leads to a library that is not yours.
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
        <div class="notice" role="alert">
          <span class="notice-icon danger">
            <Icon name="alert" size={32} />
          </span>
          <h2>This could not be read</h2>
          <p class="notice-text">{image.reason}</p>
          <div class="notice-actions">
            <button type="button" class="button" onClick={() => void photo.redetect()}>
              {photo.isLookedAt.value ? <span class="spinner" /> : <Icon name="retry" />} Try again
            </button>
          </div>
        </div>
      </div>
    );
  }
  return (
    <p class="stage-state" role="status">
      {image?.state === "pending" && (
        <>
          <span class="spinner" /> Being looked at: it appears here when its objects are found.
        </>
      )}
    </p>
  );
}

/** Open as a modal; when it closes, the focus goes to the tile of the photograph that was shown last. */
function useModal(dialog: { readonly current: HTMLDialogElement | null }, now: { readonly current: string }): void {
  useLayoutEffect(() => {
    dialog.current?.showModal();
    dialog.current?.focus();
    return () => {
      // After the browser is where it was.
      requestAnimationFrame(() =>
        requestAnimationFrame(() => {
          focusReturns.value = now.current;
        }),
      );
    };
  }, [dialog, now]);
}

/** Read the list on before its end is reached, and load the pictures of the neighbours. */
function useNeighbours(id: string): void {
  const kept = useRef<readonly HTMLImageElement[]>([]);
  const feed = shownFeed.value ?? everything();
  const following = around(id).following;
  const { value: status } = feed.status;
  useEffect(() => {
    if (status === "idle" && following < AHEAD) {
      void feed.more();
    }
  }, [feed, status, following]);
  const links = useComputed(() => {
    const { previous, next } = around(place.value.path.split("/")[2] ?? "");
    return [next, previous].map((one) => (one && listed(one)?.links?.preview) || "").join("\n");
  });
  useSignalEffect(() => {
    kept.current = links.value
      .split("\n")
      .filter(Boolean)
      .map((address) => Object.assign(new Image(), { src: address }));
  });
}

function useKeys(viewport: Viewport, turn: (direction: 1 | -1) => void, trash: () => void): void {
  const step = (direction: 1 | -1) => {
    if (viewport.isZoomed.value) {
      viewport.pan({ x: -direction * PAN, y: 0 });
    } else {
      turn(direction);
    }
  };
  const keys = [
    { key: "ArrowLeft", does: "The previous one; to the left while zoomed", run: () => step(-1) },
    { key: "ArrowRight", does: "The next one; to the right while zoomed", run: () => step(1) },
    { key: "+", does: "Zoom in", run: () => viewport.zoom(STEP) },
    { key: "-", does: "Zoom out", run: () => viewport.zoom(1 / STEP) },
    { key: "0", does: "Fit the screen", run: () => viewport.reset() },
    {
      key: "b",
      does: "Show the boxes",
      run: () => {
        showsBoxes.value = !showsBoxes.value;
      },
    },
    {
      key: "i",
      does: "Show the details",
      run: () => {
        showsPanel.value = !showsPanel.value;
      },
    },
    { key: "Delete", does: "Move to the trash", run: trash },
  ];
  useShortcuts(
    keys.map(({ run, ...key }) => ({
      ...key,
      group: "A photograph",
      inDialog: true,
      // They rest while another dialog lies over this one.
      run: () => document.querySelectorAll("dialog:modal").length === 1 && run(),
    })),
  );
}

function panUpOrDown(event: KeyboardEvent, viewport: Viewport): void {
  const by = { ArrowUp: PAN, ArrowDown: -PAN }[event.key];
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
    isReady ? "Moved to the trash." : "Removed.",
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
  announce("It is back.");
  if (screenOf(place.value.path) === "photo") {
    show(id);
  }
}
