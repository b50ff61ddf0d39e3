// The links of a picture for `srcset`. Pure.

import type { ImageSummary } from "../schemas";

// The sizes that the detector makes: detector/scaling.py. A panorama keeps a minimum short side.
const SIZES = [
  { link: "thumbnail", longSide: 256, shortSide: 128 },
  { link: "large_thumbnail", longSide: 512, shortSide: 256 },
  { link: "preview", longSide: 1600, shortSide: 256 },
] as const;
const MAX_LONG_SIDE = 4096;
const MAX_ENLARGEMENT = 1.5; // a picture enlarged further is not sharp enough

type Pictured = Pick<ImageSummary, "width" | "height" | "links">;

/** The candidates for a picture whose long side has this many CSS pixels, each with the pixel density it suffices for. */
export function pictureSources({ width, height, links }: Pictured, longSide: number): string {
  const ratio = Math.max(width, height) / Math.max(1, Math.min(width, height));
  return SIZES.map((size) => {
    const pixels = Math.max(size.longSide, Math.min(MAX_LONG_SIDE, size.shortSide * ratio));
    return links ? `${links[size.link]} ${((pixels * MAX_ENLARGEMENT) / longSide).toFixed(2)}x` : "";
  })
    .filter(Boolean)
    .join(", ");
}

/** The long side of a picture that is shown with this height. */
export function findLongSide({ width, height }: Pick<ImageSummary, "width" | "height">, shownHeight: number): number {
  return Math.max(shownHeight, (shownHeight * width) / Math.max(1, height));
}
