// Images as text, for alternative texts and announcements. Pure.

import type { ImageSummary } from "../schemas";

/** `beach.jpg: person 2, dog 1`. */
export function describeImage(image: Pick<ImageSummary, "name" | "state" | "tags" | "damage">): string {
  const { name, state, tags, damage } = image;
  if (state === "pending") {
    return `${name}: detecting objects`;
  }
  if (state === "failed") {
    return `${name}: can't be read`;
  }
  const text = `${name}: ${tags.map(({ tag, count }) => `${tag} ${count}`).join(", ") || "no tags"}`;
  return damage ? `${text}. ${damage}` : text;
}
