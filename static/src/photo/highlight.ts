// The highlight that connects tags and boxes: pointing at one, or focusing it, highlights the other.

import { signal } from "@preact/signals";
import { normalize } from "../library/tag-names";
import type { Detection } from "../schemas";

/** A tag with all its boxes, or a single box. */
interface Highlight {
  readonly tag: string;
  readonly detection: string | null;
}

export const highlight = signal<Highlight | null>(null);

/** The id of the detection whose box was clicked. Its row in the panel takes the focus. */
export const clickedDetection = signal("");

export function isHighlighted({ id, label }: Detection): boolean {
  const { value } = highlight;
  return value !== null && (value.detection === null ? normalize(label) === value.tag : value.detection === id);
}

/** Return event handlers for an element of a tag. Elements in it with `data-detection` highlight a single box. */
export function highlightOnHover(tag: string) {
  const on = ({ target }: Event) => {
    const detection = (target as Element).closest<HTMLElement>("[data-detection]")?.dataset["detection"] ?? null;
    if (highlight.peek()?.tag !== tag || highlight.peek()?.detection !== detection) {
      highlight.value = { tag, detection };
    }
  };
  const off = () => {
    highlight.value = null;
  };
  return { onPointerOver: on, onPointerLeave: off, onFocusIn: on, onFocusOut: off };
}
