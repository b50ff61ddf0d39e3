// The questions about a photo: its uncertain boxes whose tags have uncertain counts. Pure.

import { normalize } from "../library/tag-names";
import type { Detection, ImageDetails } from "../schemas";

/** Return the boxes that a person should check, the most confident first. */
export function questionsOf(
  { tags, certain, detections }: Pick<ImageDetails, "tags" | "certain" | "detections">,
  decided: ReadonlySet<string>,
): readonly Detection[] {
  const uncertain = new Set(tags.filter(({ tag, count }) => count > (certain[tag] ?? 0)).map(({ tag }) => tag));
  return detections.filter(
    ({ id, label, certain: isCertain }) => !isCertain && !decided.has(id) && uncertain.has(normalize(label)),
  );
}
