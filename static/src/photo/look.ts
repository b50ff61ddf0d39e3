// What is on show besides the photograph, from one to the next: its boxes, the panel, and what is pointed at.

import { signal } from "@preact/signals";
import type { Detection } from "../schemas";
import { folded } from "./words";

/** A tag, or one box of it. */
interface Lit {
  readonly tag: string;
  readonly box: string | null;
}

const isWide = matchMedia("(min-width: 640px)").matches;

export const showsBoxes = signal(false);
export const showsPanel = signal(isWide);
export const lit = signal<Lit | null>(null);

/** The box that was clicked: its row in the panel takes the focus. */
export const clickedBox = signal("");

export function isLit(box: Detection): boolean {
  const { value } = lit;
  return value !== null && (value.box === null ? folded(box.label) === value.tag : value.box === box.id);
}

/** Handlers for what lights up a tag with its boxes, or a box with its tag: pointing at it and focusing it. */
export function lights(tag: string, box: string | null = null) {
  const on = () => {
    lit.value = { tag, box };
  };
  const off = () => {
    lit.value = null;
  };
  return { onPointerEnter: on, onPointerLeave: off, onFocusIn: on, onFocusOut: off };
}
