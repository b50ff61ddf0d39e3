// Favourites: the marks of photos in lists.

import { formatPhotos, plural } from "./formats";

export const markFavourites = "Add to favourites";
export const removeFavourites = "Remove from favourites";
export const photosAdded = (count: number) => `${formatPhotos(count)} added to favourites`;
export const photosRemoved = (count: number) => `${formatPhotos(count)} removed from favourites`;
export const photosWillBeAdded = (count: number) => `${formatPhotos(count)} will be added to your favourites.`;
export const photosWillBeRemoved = (count: number) =>
  `${formatPhotos(count)} will be removed from your favourites. ${plural(count, "It stays", "They stay")} in the library.`;
