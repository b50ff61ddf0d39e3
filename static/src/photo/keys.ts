// The keys of the lightbox.

import { useShortcuts } from "../ui/shortcuts";
import { startDrawing } from "./box-draft";
import { atSide } from "./direction";
import { showsBoxes, togglePanel } from "./display-options";
import { toggleFullView } from "./full-view";
import { endSlideshow, slideshow, startSlideshow, togglePlaying } from "./slideshow";
import { ZOOM_STEP } from "./toolbar";
import type { Viewport } from "./viewport";

const PAN_PIXELS = 80;

interface Actions {
  /** Go to the next (1) or previous (-1) photo. */
  readonly turn: (direction: 1 | -1) => void;
  readonly trash: () => void;
  readonly favour: () => void;
  readonly addToAlbum: () => void;
  readonly copyLink: () => void;
}

/** Register the shortcuts of the lightbox. */
export function useKeys(viewport: Viewport, { turn, trash, favour, addToAlbum, copyLink }: Actions): void {
  /** Go to the left (-1) or right (1). */
  const step = (side: 1 | -1) => {
    if (viewport.isZoomed.value) {
      viewport.pan({ x: -side * PAN_PIXELS, y: 0 });
    } else {
      turn(atSide(side));
    }
  };
  const always = [
    { key: "ArrowLeft", run: () => step(-1) },
    { key: "ArrowRight", run: () => step(1) },
    { key: "+", run: () => viewport.zoom(ZOOM_STEP) },
    { key: "-", run: () => viewport.zoom(1 / ZOOM_STEP) },
    { key: "0", run: () => viewport.reset() },
    { key: "f", run: favour },
    { key: "F", run: toggleFullView },
    { key: "s", run: () => (slideshow.peek() === "off" ? startSlideshow() : endSlideshow()) },
  ];
  const outsideSlideshow = [
    {
      key: "b",
      run: () => {
        showsBoxes.value = !showsBoxes.value;
      },
    },
    { key: "d", run: startDrawing },
    { key: "a", run: addToAlbum },
    { key: "c", run: copyLink },
    { key: "i", run: togglePanel },
    { key: "Delete", run: trash },
  ];
  const enabled = [
    ...always,
    ...outsideSlideshow.map(({ key, run }) => ({ key, run: () => slideshow.peek() === "off" && run() })),
  ];
  useShortcuts(
    enabled.map(({ run, ...key }) => ({
      ...key,
      inDialog: true,
      // They are off while another dialog covers this one.
      run: () => document.querySelectorAll("dialog:modal").length === 1 && run(),
    })),
  );
}

/** Handle the keys that aren't shortcuts, because buttons and the panel have other uses for them. */
export function handleKey(event: KeyboardEvent, viewport: Viewport): void {
  const isOnControl = (event.target as Element).closest("button,a,select,input") !== null;
  if (event.key === " " && slideshow.peek() !== "off" && !isOnControl) {
    event.preventDefault();
    togglePlaying();
  }
  panUpOrDown(event, viewport);
}

/** Pan a zoomed photo up or down. Otherwise, these keys scroll the panel. */
function panUpOrDown(event: KeyboardEvent, viewport: Viewport): void {
  const by = { ArrowUp: PAN_PIXELS, ArrowDown: -PAN_PIXELS }[event.key];
  if (by && viewport.isZoomed.value && !event.defaultPrevented) {
    event.preventDefault();
    viewport.pan({ x: 0, y: by });
  }
}
