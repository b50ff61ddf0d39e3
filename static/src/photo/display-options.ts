// Which parts of the lightbox are shown. They stay the same from photo to photo, the boxes also on later visits.

import { effect, signal } from "@preact/signals";

const STORED = "pixtag:boxes";
const isWide = matchMedia("(min-width: 640px)").matches;

export const showsBoxes = signal(localStorage.getItem(STORED) !== "hidden");
export const showsPanel = signal(isWide);

effect(() => localStorage.setItem(STORED, showsBoxes.value ? "shown" : "hidden"));
