// The origin of a tag as text. Pure.

import { formatAgo, formatPercent } from "../formats";
import type { TagSource } from "../schemas";

/** `detected, 87 % confidence`, `edited 3 days ago`, or both. The model is shown once for the whole photo. */
export function describeSource({ detected, confidence, edited_at: editedAt }: TagSource, now = new Date()): string {
  if (!editedAt) {
    return confidence === null ? "detected" : `detected, ${formatPercent(confidence)} confidence`;
  }
  const edited = `edited ${formatAgo(editedAt, now)}`;
  return detected ? `${detected} detected, ${edited}` : edited;
}
