// Images as text, for alternative texts and announcements. Pure.

import * as messages from "#messages/library";
import { reason } from "#messages/reasons";
import type { ImageSummary } from "../schemas";

/** `beach.jpg: person 2, dog 1. Favourite`. */
export function describeImage(image: Pick<ImageSummary, "name" | "state" | "tags" | "damage" | "favourite">): string {
  const { name, state, tags, damage, favourite } = image;
  if (state === "pending") {
    return messages.detectingObjects(name);
  }
  if (state === "failed") {
    return messages.cantBeRead(name);
  }
  const text = `${name}: ${tags.map(({ tag, count }) => `${tag} ${count}`).join(", ") || messages.noTags}`;
  return [text, favourite && messages.favourite, reason(damage)].filter(Boolean).join(". ");
}
