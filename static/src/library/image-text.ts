// Images as text, for alternative texts and announcements. Pure.

import type { ImageSummary } from "../schemas";

/** `beach.jpg: person 2, dog 1`. */
export function describeImage({ name, state, tags }: Pick<ImageSummary, "name" | "state" | "tags">): string {
  if (state === "pending") {
    return `${name}: detecting objects`;
  }
  if (state === "failed") {
    return `${name}: can't be read`;
  }
  return `${name}: ${tags.map(({ tag, count }) => `${tag} ${count}`).join(", ") || "no tags"}`;
}
