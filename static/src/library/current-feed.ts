// The list that is on show: a photograph that is opened from it has its neighbours there, and gives the focus back.

import { signal } from "@preact/signals";
import type { Feed } from "./feed";

export const shownFeed = signal<Feed | null>(null);

/** The id of the image whose tile is to be focused. */
export const focusReturns = signal("");
