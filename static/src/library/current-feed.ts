// The list of images on the screen. An opened photo has its neighbours in it and returns the focus to it.

import { signal } from "@preact/signals";
import type { Feed } from "./feed";

export const currentFeed = signal<Feed | null>(null);

/** The id of the image whose tile gets the focus next; empty if none does. */
export const focusedImageId = signal("");
