// The origin of a tag's count as text. Pure.

import { formatNumber } from "../formats";
import type { TagSource } from "../schemas";

/** `3 boxes`, `3 boxes, 1 certain`, `3 boxes, 4 set by you`, `keyword in the file`, or combined. */
export function describeSource(
  { count, source, in_file: isInFile }: TagSource,
  boxes: number,
  certain: number,
): string {
  const parts = [
    boxes > 0 && (boxes === 1 ? "1 box" : `${formatNumber(boxes)} boxes`),
    isInFile && "keyword in the file",
  ].filter(Boolean);
  if (source === "hand" && count !== boxes) {
    parts.push(parts.length ? `${formatNumber(count)} set by you` : "set by you");
  }
  if (source !== "hand" && certain < count) {
    parts.push(`${formatNumber(certain)} certain`);
  }
  return parts.join(", ");
}
