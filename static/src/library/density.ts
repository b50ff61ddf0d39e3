// Whether the grids show only pictures, or pictures with tags. The browser remembers the choice.

import { signal } from "@preact/signals";

export type Density = "tags" | "pictures";

const STORED = "pixtag:density";

export const density = signal<Density>(localStorage.getItem(STORED) === "pictures" ? "pictures" : "tags");

/** Show the grids with or without tags, now and on later visits. */
export function setDensity(choice: Density): void {
  density.value = choice;
  localStorage.setItem(STORED, choice);
}
