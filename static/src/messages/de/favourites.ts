// Favourites: the marks of photos in lists.

import { formatPhotos, plural } from "./formats";

export const markFavourites = "Zu Favoriten hinzufügen";
export const removeFavourites = "Aus Favoriten entfernen";
export const photosAdded = (count: number) => `${formatPhotos(count)} zu Favoriten hinzugefügt`;
export const photosRemoved = (count: number) => `${formatPhotos(count)} aus Favoriten entfernt`;
export const photosWillBeAdded = (count: number) =>
  `${formatPhotos(count)} ${plural(count, "wird", "werden")} zu deinen Favoriten hinzugefügt.`;
export const photosWillBeRemoved = (count: number) =>
  `${formatPhotos(count)} ${plural(count, "wird", "werden")} aus deinen Favoriten entfernt und ${plural(count, "bleibt", "bleiben")} in der Bibliothek.`;
