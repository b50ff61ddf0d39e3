// Boxes as text. Pure.

import * as messages from "#messages/photo";
import { formatPercent } from "../formats";
import type { Detection } from "../schemas";

/** `person 87%`, or `person` if a person drew the box. */
export function nameOf({ label, confidence }: Detection): string {
  return confidence === null ? label : `${label} ${formatPercent(confidence)}`;
}

/** `87%`, `87%, confirmed`, `87%, detected as dog`, `87%, moved by you`, or `drawn by you`. */
export function describeBox(box: Detection): string {
  if (box.confidence === null) {
    return messages.drawnByYou;
  }
  const isRelabelled = box.detected_label !== null && box.detected_label !== box.label;
  const parts = [
    formatPercent(box.confidence),
    isRelabelled && messages.detectedAs(box.detected_label),
    box.detected_box && messages.movedByYou,
    isConfirmed(box) && messages.confirmed,
  ];
  return parts.filter(Boolean).join(", ");
}

/** Whether a person has confirmed a box of the model, and changed nothing. */
export function isConfirmed(box: Detection): boolean {
  return (
    box.source === "model" && box.corrected_at !== null && box.detected_label === box.label && box.detected_box === null
  );
}
