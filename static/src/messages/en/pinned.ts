// The saved searches in the side bar.

import { formatPhotos } from "./formats";

export const savedSearches = "Saved searches";
export const pinnedSearch = (name: string, matched: number | null) =>
  matched === null ? name : `${name}, ${formatPhotos(matched)}`;
