// The order of images that a person arranges. Pure.

/** Return ids with some of them moved together before another one, or to the end. */
export function moveBefore(order: readonly string[], moved: ReadonlySet<string>, before: string | null): string[] {
  const block = order.filter((id) => moved.has(id));
  const start = before === null ? order.length : order.indexOf(before);
  const isOther = (id: string) => !moved.has(id);
  return [...order.slice(0, start).filter(isOther), ...block, ...order.slice(start).filter(isOther)];
}

/** Return ids with some of them moved together by one place: earlier (-1) or later (1). */
export function moveByOne(order: readonly string[], moved: ReadonlySet<string>, by: 1 | -1): string[] {
  const places = order.flatMap((id, place) => (moved.has(id) ? [place] : []));
  const [first = 0, last = 0] = [places[0], places.at(-1)];
  return moveBefore(order, moved, by < 0 ? (order[Math.max(0, first - 1)] ?? null) : (order[last + 2] ?? null));
}

/** Whether two orders are the same. */
export function areEqual(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((id, place) => id === b[place]);
}
