// Reads the numbers of saved searches again while PixTag counts. Pure.

import { effect, type ReadonlySignal } from "@preact/signals";

const DELAYS_MS = [2_000, 5_000, 12_000, 30_000, 75_000]; // PixTag counts within about a minute

/**
 * Read a few times after each change of images, and after a number became unknown. Returns a function that ends this.
 */
export function watchCounts(
  changes: ReadonlySignal<number>,
  isCounting: ReadonlySignal<boolean>,
  read: () => void,
): () => void {
  const first = changes.peek();
  return effect(() => {
    const isUnknown = isCounting.value;
    if (changes.value === first && !isUnknown) {
      return undefined;
    }
    const timers = DELAYS_MS.map((delay) => setTimeout(read, delay));
    return () => timers.forEach(clearTimeout);
  });
}
