// Messages that contain elements, such as a link.

import type { ComponentChildren } from "preact";

/** Return a message with the elements in the places of `{0}`, `{1}`. Each language orders them as it needs. */
export function fill(message: string, ...elements: readonly ComponentChildren[]): readonly ComponentChildren[] {
  return message.split(/\{(\d)\}/).map((part, index) => (index % 2 ? elements[Number(part)] : part));
}
