// The previous and the next photo in the list that a photo was opened from. Pure.

interface Identified {
  readonly id: string;
}

export interface Neighbours {
  readonly previous: string | null;
  readonly next: string | null;
  /** How many loaded images follow. */
  readonly following: number;
}

/** Return the neighbours of an image, or of the place where it would be if it isn't in the list. */
export function neighboursOf(images: readonly Identified[], id: string): Neighbours {
  const index = images.findIndex((image) => image.id === id);
  if (index >= 0) {
    return around(images, index - 1, index + 1);
  }
  const after = images.findIndex((image) => image.id < id); // newest first, which is descending order of ids
  const next = after < 0 ? images.length : after;
  return around(images, next - 1, next);
}

function around(images: readonly Identified[], before: number, after: number): Neighbours {
  return {
    previous: images[before]?.id ?? null,
    next: images[after]?.id ?? null,
    following: images.length - after,
  };
}
