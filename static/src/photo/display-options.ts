// Which parts of the lightbox are shown. They stay the same from photo to photo, the boxes also on later visits.

import { effect, signal } from "@preact/signals";
import { isFull, leaveFullView } from "./full-view";

const STORED = "pixtag:boxes";
const isWide = matchMedia("(min-width: 640px)").matches;

export const showsBoxes = signal(localStorage.getItem(STORED) !== "hidden");
export const showsPanel = signal(isWide);

effect(() => localStorage.setItem(STORED, showsBoxes.value ? "shown" : "hidden"));

/** Show or hide the details. The full view has none, so it ends when they are to be shown. */
export function togglePanel(): void {
  showsPanel.value = isFull.peek() || !showsPanel.peek();
  leaveFullView();
}
