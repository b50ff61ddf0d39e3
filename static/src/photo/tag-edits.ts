// The queue of a person's tag edits of one image: shown at once, sent one after the other. Pure.

import type { TagEditRequest, TagSource } from "../schemas";

/** So many of a tag more, or less; null: none of it any more. */
export interface Edit {
  readonly tag: string;
  readonly by: number | null;
}

const MAX_COUNT = 999;

/** The queue with one more edit. The first is being sent; those that wait and are about the same tag become one. */
export function queued(queue: readonly Edit[], edit: Edit): readonly Edit[] {
  const last = queue.at(-1);
  if (queue.length < 2 || last?.tag !== edit.tag || last.by === null) {
    return [...queue, edit];
  }
  const by = edit.by === null ? null : last.by + edit.by;
  return by === 0 ? queue.slice(0, -1) : [...queue.slice(0, -1), { tag: edit.tag, by }];
}

/** The tags as they will be after the edits; one that is new was seen by nobody. In the order they had, new ones last. */
export function edited(tags: readonly TagSource[], edits: readonly Edit[], at: string): readonly TagSource[] {
  let after = tags;
  for (const { tag, by } of edits) {
    const before = after.find((one) => one.tag === tag) ?? { tag, count: 0, detected: 0, confidence: null };
    const count = by === null ? 0 : Math.min(MAX_COUNT, Math.max(0, before.count + by));
    const one = { ...before, count, edited_at: at };
    after = after.some((other) => other.tag === tag)
      ? after.map((other) => (other.tag === tag ? one : other))
      : [...after, one];
  }
  return after.filter(({ count }) => count > 0);
}

/** What is asked of `POST /tags`. */
export function requestOf({ tag, by }: Edit): Pick<TagEditRequest, "add" | "remove"> {
  if (by === null) {
    return { add: [], remove: [{ tag, count: null }] };
  }
  return by > 0 ? { add: [{ tag, count: by }], remove: [] } : { add: [], remove: [{ tag, count: -by }] };
}

/** The tags in the order in which they are on show, new ones last: nothing moves under the pointer. */
export function inOrder<T extends { readonly tag: string }>(
  tags: readonly T[],
  shown: readonly string[],
): readonly T[] {
  const place = (tag: string) => (shown.includes(tag) ? shown.indexOf(tag) : shown.length);
  return tags.toSorted((a, b) => place(a.tag) - place(b.tag));
}
