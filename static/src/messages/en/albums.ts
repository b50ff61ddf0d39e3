// Albums: their list, an album, and the dialogs about them.

import { formatNumber } from "../../formats";
import { formatPhotos, plural } from "./formats";

export const albums = "Albums";
export const albumsLead = "Collect photos, and put them in your own order.";
export const newAlbum = "New album";
export const createAlbum = "Create album";
export const filterAlbums = "Filter albums";
export const noMatchingAlbums = "No album has such a title.";
export const noAlbumsYet = "No albums yet";
/** `{0}` is a key. */
export const noAlbumsText =
  "Select photos in your library, then choose “Add to album” or press {0}. You can also start with an empty album.";
export const yourAlbums = "Your albums";
export const title = "Title";
export const shareAlbum = "Share album";
export const renameAlbum = "Rename album";
export const rename = "Rename";
export const downloadAlbum = "Download album";
export const deleteAlbum = "Delete album";
export const deleteIt = (title: string) => `Delete “${title}”`;
export const photosStay = (photos: number) =>
  `The album will be deleted. ${plural(photos, "Its photo stays", "Its photos stay")} in your library.`;
export const deletedIt = (title: string) => `Deleted the album “${title}”.`;
export const albumNotFound = "Album not found";
export const albumNotFoundText = "It was deleted, or it belongs to another account. Its photos are in your library.";
export const showAllAlbums = "Show all albums";
export const emptyAlbum = "This album is empty";
/** `{0}` is a key. */
export const emptyAlbumText = "Select photos in your library, then choose “Add to album” or press {0}.";
export const goToLibrary = "Go to library";
export const theWholeAlbum = "the whole album";
export const order = "Order";
export const byDate = "By date";
export const byHand = "By hand";
/** `{0}` and `{1}` are keys. */
export const byHandHint = "To move photos, select them. Then drag them, or press {0} and {1}.";
export const keyAlt = "Alt";
export const keyArrow = "an arrow key";
export const setAsCover = "Set as cover";
export const coverSet = "Set the cover.";
export const moveEarlier = "Move earlier";
export const moveLater = "Move later";
export const removeFromAlbum = "Remove from album";
export const photosWillBeRemoved = (count: number) =>
  `${formatPhotos(count)} will be removed from the album. ${plural(count, "It stays", "They stay")} in your library.`;
export const photosRemoved = (title: string) => (count: number) => `${formatPhotos(count)} removed from “${title}”`;
export const addToAlbum = "Add to album";
export const add = "Add";
export const findOrCreate = "Find an album, or name a new one";
export const newAlbumOf = (title: string) => `New album “${title}”`;
export const narrowDown = (count: number) => `And ${formatNumber(count)} more. Type a part of the title.`;
export const photosWillBeAdded = (count: number) => `${formatPhotos(count)} will be added.`;
export const nothingToAdd = "All of these photos are in this album.";
export const photosAdded = (title: string) => (count: number) => `${formatPhotos(count)} added to “${title}”`;
export const removeFrom = (title: string) => `Remove from “${title}”`;
export const inNoAlbum = "This photo is in no album.";
export const photosMoved = (count: number) => `${formatPhotos(count)} moved`;
export const movedTo = (place: number, size: number) =>
  `Moved to place ${formatNumber(place)} of ${formatNumber(size)}`;
export const onlyFirst = (most: number) =>
  `You can move photos among the first ${formatNumber(most)} of an album. The others follow by date.`;
export const albumChangedElsewhere =
  "This album was changed in another tab or app. PixTag has reloaded it. Move the photos again.";
export const albumActions = "Album";
