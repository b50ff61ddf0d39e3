// The keys of the lightbox.

import { useShortcuts } from "../ui/shortcuts";
import { startDrawing } from "./box-draft";
import { showsBoxes, showsPanel } from "./display-options";
import { ZOOM_STEP } from "./toolbar";
import type { Viewport } from "./viewport";

const PAN_PIXELS = 80;

/** Register the shortcuts of the lightbox. */
export function useKeys(
  viewport: Viewport,
  turn: (direction: 1 | -1) => void,
  trash: () => void,
  favour: () => void,
  addToAlbum: () => void,
): void {
  const step = (direction: 1 | -1) => {
    if (viewport.isZoomed.value) {
      viewport.pan({ x: -direction * PAN_PIXELS, y: 0 });
    } else {
      turn(direction);
    }
  };
  const keys = [
    { key: "ArrowLeft", run: () => step(-1) },
    { key: "ArrowRight", run: () => step(1) },
    { key: "+", run: () => viewport.zoom(ZOOM_STEP) },
    { key: "-", run: () => viewport.zoom(1 / ZOOM_STEP) },
    { key: "0", run: () => viewport.reset() },
    {
      key: "b",
      run: () => {
        showsBoxes.value = !showsBoxes.value;
      },
    },
    { key: "d", run: startDrawing },
    { key: "f", run: favour },
    { key: "a", run: addToAlbum },
    {
      key: "i",
      run: () => {
        showsPanel.value = !showsPanel.value;
      },
    },
    { key: "Delete", run: trash },
  ];
  useShortcuts(
    keys.map(({ run, ...key }) => ({
      ...key,
      inDialog: true,
      // They are off while another dialog covers this one.
      run: () => document.querySelectorAll("dialog:modal").length === 1 && run(),
    })),
  );
}

/** Pan a zoomed photo up or down. These keys scroll the panel otherwise, so they are no shortcuts. */
export function panUpOrDown(event: KeyboardEvent, viewport: Viewport): void {
  const by = { ArrowUp: PAN_PIXELS, ArrowDown: -PAN_PIXELS }[event.key];
  if (by && viewport.isZoomed.value && !event.defaultPrevented) {
    event.preventDefault();
    viewport.pan({ x: 0, y: by });
  }
}
