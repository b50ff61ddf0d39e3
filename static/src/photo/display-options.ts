// Which parts of the lightbox are shown. They stay the same from photo to photo.

import { signal } from "@preact/signals";

const isWide = matchMedia("(min-width: 640px)").matches;

export const showsBoxes = signal(false);
export const showsPanel = signal(isWide);
