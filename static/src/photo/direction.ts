// On which side of an open photo its neighbours are: as in the list, the next one is on the left if text runs to the left.

import { isRightToLeft } from "../library/text-direction";

/** Return the direction in the list, next (1) or previous (-1), of the left (-1) or right (1) side. */
export function atSide(side: 1 | -1): 1 | -1 {
  return isRightToLeft() ? (side === 1 ? -1 : 1) : side;
}
