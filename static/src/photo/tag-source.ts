// The origin of a tag as text. Pure.

import { formatAgo, formatPercent } from "../formats";
import type { TagSource } from "../schemas";

/** `detected, 87 % confidence`, `keyword in the file`, `edited 3 days ago`, or combined. */
export function describeSource(source: TagSource, now = new Date()): string {
  const { detected, confidence, edited_at: editedAt } = source;
  if (source.source === "file") {
    return "keyword in the file";
  }
  if (!editedAt) {
    return confidence === null ? "detected" : `detected, ${formatPercent(confidence)} confidence`;
  }
  const edited = `edited ${formatAgo(editedAt, now)}`;
  return detected ? `${detected} detected, ${edited}` : edited;
}
