// The origin of a tag's count as text. Pure.

import * as messages from "#messages/photo";
import type { TagSource } from "../schemas";

/** `3 boxes`, `3 boxes, 1 certain`, `3 boxes, 4 set by you`, `keyword in the file`, or combined. */
export function describeSource(
  { count, source, in_file: isInFile }: TagSource,
  boxes: number,
  certain: number,
): string {
  const parts = [boxes > 0 && messages.countBoxes(boxes), isInFile && messages.keywordInTheFile].filter(Boolean);
  if (source === "hand" && count !== boxes) {
    parts.push(parts.length ? messages.countSetByYou(count) : messages.setByYou);
  }
  if (source !== "hand" && certain < count) {
    parts.push(messages.countCertain(certain));
  }
  return parts.join(", ");
}
