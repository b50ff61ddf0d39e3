// What comes before and after a photograph in the list that it was opened from. Pure.

interface Identified {
  readonly id: string;
}

export interface Neighbours {
  readonly previous: string | null;
  readonly next: string | null;
  /** How many are known to follow. */
  readonly following: number;
}

/** The neighbours of an image; of one that is not in the list (any more), those between which it would be. */
export function neighboursOf(images: readonly Identified[], id: string): Neighbours {
  const index = images.findIndex((image) => image.id === id);
  if (index >= 0) {
    return around(images, index - 1, index + 1);
  }
  const after = images.findIndex((image) => image.id < id); // ids are the newest first
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
