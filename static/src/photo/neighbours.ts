// The previous and the next photo in the list that a photo was opened from. Pure.

interface Identified {
  readonly id: string;
}

export interface Neighbours {
  readonly previous: string | null;
  readonly next: string | null;
  /** How many loaded images come before it, and how many follow. */
  readonly preceding: number;
  readonly following: number;
}

/** A list in descending order of keys, and the key of an image that may not be in it; null if that is unknown. */
interface Place<T> {
  readonly images: readonly T[];
  readonly keyOf: (image: T) => string;
  readonly key: string | null;
}

/** Return the neighbours of an image, or of the place where it would be if it isn't in the list. */
export function neighboursOf<T extends Identified>({ images, keyOf, key }: Place<T>, id: string): Neighbours {
  const index = images.findIndex((image) => image.id === id);
  if (index >= 0) {
    return around(images, index - 1, index + 1);
  }
  if (key === null) {
    return { previous: null, next: null, preceding: 0, following: 0 };
  }
  const after = images.findIndex((image) => keyOf(image) < key);
  const next = after < 0 ? images.length : after;
  return around(images, next - 1, next);
}

function around(images: readonly Identified[], before: number, after: number): Neighbours {
  return {
    previous: images[before]?.id ?? null,
    next: images[after]?.id ?? null,
    preceding: before + 1,
    following: images.length - after,
  };
}
