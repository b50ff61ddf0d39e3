// Justified rows: where each picture stands on the page. Pure; all lengths are CSS pixels.

export interface Sized {
  readonly id: string;
  /** Pixels of the original; 0 while unknown. */
  readonly width: number;
  readonly height: number;
  readonly created_at: string;
}

export interface Tile {
  /** Which of the pictures it is. */
  readonly index: number;
  readonly left: number;
  readonly width: number;
}

export interface Row {
  readonly top: number;
  readonly height: number;
  /** The heading's text; a heading has no tiles. */
  readonly heading: string;
  /** The index of the first picture in it, or under it. */
  readonly first: number;
  readonly tiles: readonly Tile[];
}

export interface Layout {
  readonly rows: readonly Row[];
  readonly height: number;
}

export interface Measures {
  readonly width: number;
  /** The height that rows come near to. */
  readonly target: number;
  readonly gap: number;
  readonly heading: number;
}

const NARROWEST = 0.5; // wider and narrower pictures are cropped in the grid
const WIDEST = 3;
const USUAL = 4 / 3;
const NEARLY_FULL = 0.85; // a last row this full is stretched like the others

/** The size of rows and gaps for a grid this wide. */
export function measuresFor(width: number): Measures {
  return width < 640 ? { width, target: 128, gap: 3, heading: 44 } : { width, target: 196, gap: 6, heading: 52 };
}

/** Width for a height of 1, within what the grid shows, and as most cameras have it while the size is unknown. */
export function aspect({ width, height }: Pick<Sized, "width" | "height">): number {
  return width > 0 && height > 0 ? Math.min(WIDEST, Math.max(NARROWEST, width / height)) : USUAL;
}

/** All pictures in rows of even height that fill the width, under a heading for each run of equal `label`s. */
export function layOut(pictures: readonly Sized[], measures: Measures, label: (picture: Sized) => string): Layout {
  const rows: Row[] = [];
  let top = 0;
  let start = 0;
  while (start < pictures.length && measures.width > 0) {
    const heading = label(pictures[start] as Sized);
    let end = start + 1;
    while (end < pictures.length && label(pictures[end] as Sized) === heading) {
      end += 1;
    }
    rows.push({ top, height: measures.heading, heading, first: start, tiles: [] });
    top += measures.heading;
    for (const { height, tiles } of fill(pictures, start, end, measures)) {
      rows.push({ top, height, heading: "", first: tiles[0]?.index ?? start, tiles });
      top += height + measures.gap;
    }
    start = end;
  }
  return { rows, height: top };
}

function* fill(pictures: readonly Sized[], start: number, end: number, measures: Measures) {
  const { width, target, gap } = measures;
  let first = start;
  let wide = 0; // the sum of the row's aspects
  for (let index = start; index < end; index += 1) {
    const shape = aspect(pictures[index] as Sized);
    const without = (width - gap * (index - first - 1)) / wide;
    const withIt = (width - gap * (index - first)) / (wide + shape);
    if (index > first && without - target < target - withIt) {
      // The row is nearer to the target without it.
      yield { height: without, tiles: place(pictures, first, index, without, gap) };
      first = index;
      wide = 0;
    }
    wide += shape;
    const room = width - gap * (index - first);
    const isLast = index === end - 1;
    if (wide * target >= room || isLast) {
      const isFull = wide * target >= room * (isLast ? NEARLY_FULL : 1);
      const height = isFull ? room / wide : target;
      yield { height, tiles: place(pictures, first, index + 1, height, gap) };
      first = index + 1;
      wide = 0;
    }
  }
}

function place(pictures: readonly Sized[], first: number, end: number, height: number, gap: number): Tile[] {
  let left = 0;
  return pictures.slice(first, end).map((picture, offset) => {
    const tile = { index: first + offset, left, width: aspect(picture) * height };
    left += tile.width + gap;
    return tile;
  });
}

/** The rows that show anything between two heights of the page. */
export function rowsBetween({ rows }: Layout, from: number, to: number): readonly Row[] {
  const first = firstWhere(rows, (row) => row.top + row.height > from);
  const end = firstWhere(rows, (row) => row.top >= to);
  return rows.slice(first, end);
}

/** The row of a picture; undefined if it has none. */
export function rowOf({ rows }: Layout, index: number): Row | undefined {
  const row = rows[firstWhere(rows, ({ first }) => first > index) - 1];
  return row?.tiles.some((tile) => tile.index === index) ? row : undefined;
}

/** The picture above (-1) or below (1) another: the one whose middle is nearest; the same at the edge. */
export function neighbour(layout: Layout, index: number, direction: 1 | -1): number {
  const { rows } = layout;
  const row = rowOf(layout, index);
  const tile = row?.tiles.find((one) => one.index === index);
  if (!(row && tile)) {
    return index;
  }
  let next = rows.indexOf(row) + direction;
  while (rows[next]?.tiles.length === 0) {
    next += direction;
  }
  const middle = tile.left + tile.width / 2;
  const distance = (one: Tile) => Math.abs(one.left + one.width / 2 - middle);
  const tiles = rows[next]?.tiles ?? [tile];
  return tiles.reduce((best, one) => (distance(one) < distance(best) ? one : best)).index;
}

/** The first position at which a condition holds that holds for all after it too. */
function firstWhere<T>(items: readonly T[], holds: (item: T) => boolean): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(items[middle] as T)) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}
