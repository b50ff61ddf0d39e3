// Albums: their list, an album, and the dialogs about them.

import { formatNumber } from "../../formats";
import { formatPhotos, plural } from "./formats";

export const albums = "Alben";
export const albumsLead = "Sammle Fotos und ordne sie, wie du willst.";
export const newAlbum = "Neues Album";
export const createAlbum = "Album erstellen";
export const filterAlbums = "Alben filtern";
export const noMatchingAlbums = "Kein Album heißt so.";
export const noAlbumsYet = "Noch keine Alben";
/** `{0}` is a key. */
export const noAlbumsText =
  "Wähle Fotos in deiner Bibliothek aus, dann „Zu Album hinzufügen“, oder drücke {0}. Du kannst auch mit einem leeren Album beginnen.";
export const yourAlbums = "Deine Alben";
export const title = "Titel";
export const shareAlbum = "Album teilen";
export const renameAlbum = "Album umbenennen";
export const rename = "Umbenennen";
export const downloadAlbum = "Album herunterladen";
export const deleteAlbum = "Album löschen";
export const deleteIt = (title: string) => `„${title}“ löschen`;
export const photosStay = (photos: number) =>
  `Das Album wird gelöscht. ${plural(photos, "Sein Foto bleibt", "Seine Fotos bleiben")} in deiner Bibliothek.`;
export const deletedIt = (title: string) => `Album „${title}“ gelöscht.`;
export const albumNotFound = "Album nicht gefunden";
export const albumNotFoundText =
  "Es wurde gelöscht oder gehört zu einem anderen Konto. Seine Fotos sind in deiner Bibliothek.";
export const showAllAlbums = "Alle Alben anzeigen";
export const emptyAlbum = "Dieses Album ist leer";
/** `{0}` is a key. */
export const emptyAlbumText = "Wähle Fotos in deiner Bibliothek aus, dann „Zu Album hinzufügen“, oder drücke {0}.";
export const goToLibrary = "Zur Bibliothek";
export const theWholeAlbum = "das ganze Album";
export const order = "Reihenfolge";
export const byDate = "Nach Datum";
export const byHand = "Von Hand";
/** `{0}` and `{1}` are keys. */
export const byHandHint = "Um Fotos zu verschieben, wähle sie aus. Zieh sie dann, oder drücke {0} und {1}.";
export const keyAlt = "Alt";
export const keyArrow = "eine Pfeiltaste";
export const setAsCover = "Als Titelbild verwenden";
export const coverSet = "Titelbild festgelegt.";
export const moveEarlier = "Nach vorn";
export const moveLater = "Nach hinten";
export const removeFromAlbum = "Aus dem Album entfernen";
export const photosWillBeRemoved = (count: number) =>
  `${formatPhotos(count)} ${plural(count, "wird", "werden")} aus dem Album entfernt und ${plural(count, "bleibt", "bleiben")} in deiner Bibliothek.`;
export const photosRemoved = (title: string) => (count: number) => `${formatPhotos(count)} aus „${title}“ entfernt`;
export const addToAlbum = "Zu Album hinzufügen";
export const add = "Hinzufügen";
export const findOrCreate = "Album suchen oder neu benennen";
export const newAlbumOf = (title: string) => `Neues Album „${title}“`;
export const narrowDown = (count: number) => `Und ${formatNumber(count)} weitere. Gib einen Teil des Titels ein.`;
export const photosWillBeAdded = (count: number) =>
  `${formatPhotos(count)} ${plural(count, "wird", "werden")} hinzugefügt.`;
export const nothingToAdd = "Alle diese Fotos sind schon in diesem Album.";
export const photosAdded = (title: string) => (count: number) => `${formatPhotos(count)} zu „${title}“ hinzugefügt`;
export const removeFrom = (title: string) => `Aus „${title}“ entfernen`;
export const inNoAlbum = "Dieses Foto ist in keinem Album.";
export const photosMoved = (count: number) => `${formatPhotos(count)} verschoben`;
export const movedTo = (place: number, size: number) =>
  `An Stelle ${formatNumber(place)} von ${formatNumber(size)} verschoben`;
export const onlyFirst = (most: number) =>
  `Du kannst Fotos unter den ersten ${formatNumber(most)} eines Albums verschieben. Die übrigen folgen nach Datum.`;
export const albumChangedElsewhere =
  "Dieses Album wurde in einem anderen Tab oder einer anderen App geändert. PixTag hat es neu geladen. Verschiebe die Fotos noch einmal.";
export const albumActions = "Album";
