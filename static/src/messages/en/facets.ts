// The bar that refines a search.

import { formatNumber } from "../../formats";
import { formatPhotos, plural } from "./formats";

export const refineTheSearch = "Refine the search";
export const refine = "Refine";
export const tags = "Tags";
export const countOf = (tag: string) => `Count of ${tag}`;
export const years = "Years";
export const tooManyTags = "A search has at most 22 tags";
export const showFewer = "Show fewer";
export const showAllOf = (count: number) => `Show all ${formatNumber(count)}`;
export const altClickToExclude = "Alt-click to exclude";
export const excludeIt = (label: string) => `Exclude ${label}`;
/** After the number, for screen readers. */
export const photosWord = (count: number) => ` ${plural(count, "photo", "photos")}`;
export const inNewest = (count: number) => `In the newest ${formatPhotos(count)}`;
