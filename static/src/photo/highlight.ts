// The highlight that connects tags and boxes: pointing at one, or focusing it, highlights the other.

import { signal } from "@preact/signals";
import { normalize } from "../library/tag-names";
import type { Detection } from "../schemas";

/** A tag with all its detections, or a single detection. */
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

/** Return event handlers that highlight a tag, or a detection, while it is pointed at or focused. */
export function highlightOnHover(tag: string, detection: string | null = null) {
  const on = () => {
    highlight.value = { tag, detection };
  };
  const off = () => {
    highlight.value = null;
  };
  return { onPointerEnter: on, onPointerLeave: off, onFocusIn: on, onFocusOut: off };
}
