// The albums and the saved searches in the side bar.

import { formatPhotos } from "./formats";

export const newestAlbums = "Neueste Alben";
export const savedSearches = "Gespeicherte Suchen";
export const pinnedSearch = (name: string, matched: number | null) =>
  matched === null ? name : `${name}, ${formatPhotos(matched)}`;
export const pinnedAlbum = (title: string, photos: number) => `${title}, ${formatPhotos(photos)}`;
