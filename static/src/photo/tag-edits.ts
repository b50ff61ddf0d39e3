// The queue of tag edits of one image. Edits are shown at once and sent one after the other. Pure.

import type { TagEditRequest, TagSource } from "../schemas";
import { MAX_COUNT } from "../search/terms";

/** A change of a tag's count; null removes the tag. */
export interface Edit {
  readonly tag: string;
  readonly by: number | null;
}

const UNKNOWN = { detected: 0, in_file: false, confidence: null } as const;

/** Add an edit to the queue. The first edit is being sent; later edits of the same tag are merged. */
export function enqueue(queue: readonly Edit[], edit: Edit): readonly Edit[] {
  const last = queue.at(-1);
  if (queue.length < 2 || last?.tag !== edit.tag || last.by === null) {
    return [...queue, edit];
  }
  const by = edit.by === null ? null : last.by + edit.by;
  return by === 0 ? queue.slice(0, -1) : [...queue.slice(0, -1), { tag: edit.tag, by }];
}

/** Return the tags after the edits. The order stays, and new tags come last. */
export function applyEdits(tags: readonly TagSource[], edits: readonly Edit[], at: string): readonly TagSource[] {
  let after = tags;
  for (const { tag, by } of edits) {
    const before = after.find((other) => other.tag === tag) ?? { tag, count: 0, ...UNKNOWN };
    const count = by === null ? 0 : Math.min(MAX_COUNT, Math.max(0, before.count + by));
    const edited: TagSource = { ...before, count, source: "hand", edited_at: at };
    after = after.some((other) => other.tag === tag)
      ? after.map((other) => (other.tag === tag ? edited : other))
      : [...after, edited];
  }
  return after.filter(({ count }) => count > 0);
}

/** Return the body of `POST /tags` for an edit. */
export function editRequest({ tag, by }: Edit): Pick<TagEditRequest, "add" | "remove"> {
  if (by === null) {
    return { add: [], remove: [{ tag, count: null }] };
  }
  return by > 0 ? { add: [{ tag, count: by }], remove: [] } : { add: [], remove: [{ tag, count: -by }] };
}

/** Sort tags in the order on the screen, new ones last, so that nothing moves under the pointer. */
export function keepOrder<T extends { readonly tag: string }>(
  tags: readonly T[],
  shown: readonly string[],
): readonly T[] {
  const place = (tag: string) => (shown.includes(tag) ? shown.indexOf(tag) : shown.length);
  return tags.toSorted((a, b) => place(a.tag) - place(b.tag));
}
