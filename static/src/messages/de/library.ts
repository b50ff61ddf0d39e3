// The library, lists of photos, and the selection.

import { formatNumber } from "../../formats";
import { formatPhotos } from "./formats";

export const countUnchanged = (count: number) => `${formatNumber(count)} unverändert`;
export const countFailed = (count: number) => `${formatNumber(count)} fehlgeschlagen`;
export const today = "Heute";
export const yesterday = "Gestern";
export const deletePhoto = "Foto löschen";
export const deleteButton = "Löschen";
export const deleteIt = (name: string) => `Löschen: ${name}`;
export const tags = "Schlagwörter";
export const showTags = "Schlagwörter anzeigen";
export const smallerPhotos = "Kleinere Fotos";
export const largerPhotos = "Größere Fotos";
export const photosInTheList = "Fotos in der Liste";
export const addToAlbum = "Zu Album hinzufügen";
export const addTags = "Schlagwörter hinzufügen";
export const removeTags = "Schlagwörter entfernen";
export const renameATag = "Schlagwort umbenennen";
export const changeDates = "Datum ändern";
export const download = "Herunterladen";
export const moveToTrash = "In den Papierkorb";
export const favourite = "Favorit";
export const favourites = "Favoriten";
export const favouriteIt = (name: string) => `Favorit: ${name}`;
export const markFavourites = "Zu Favoriten hinzufügen";
export const removeFavourites = "Aus Favoriten entfernen";
export const allResults = "alle Treffer";
export const theWholeLibrary = "die ganze Bibliothek";
export const datesThatCantBeRight = "Daten, die nicht stimmen können";
export const countWithoutDate = (count: number) => `${formatNumber(count)} ohne Datum`;
export const inMonth = (name: string) => `im ${name}`;
export const detectingObjects = (name: string) => `${name}: Objekte werden erkannt`;
export const cantBeRead = (name: string) => `${name}: nicht lesbar`;
export const noTags = "keine Schlagwörter";
export const dateTaken = "Aufnahmedatum";
export const dateAdded = "Hinzugefügt";
export const library = "Bibliothek";
export const sortBy = "Sortieren nach";
export const selectIt = (name: string) => `${name} auswählen`;
export const selection = "Auswahl";
export const clearSelection = "Auswahl aufheben";
export const clearSelectionEsc = "Auswahl aufheben (Esc)";
export const selected = "ausgewählt";
export const countSelected = (count: number) => `${formatNumber(count)} ausgewählt`;
export const selectionCleared = "Auswahl aufgehoben";
export const diskAlmostFull =
  "Der Datenträger dieses PixTag ist fast voll. Du kannst keine Fotos hochladen. Lösche Fotos im Papierkorb oder andere Dateien auf diesem Datenträger, um Platz zu schaffen.";
export const diskFull =
  "Der Datenträger dieses PixTag ist voll. Du kannst Fotos ansehen und löschen, aber nicht hochladen oder bearbeiten. Lösche Fotos im Papierkorb oder andere Dateien auf diesem Datenträger, um Platz zu schaffen.";
export const diskReadOnly =
  "PixTag kann nicht auf seinen Datenträger schreiben. Du kannst Fotos ansehen und herunterladen, aber nicht hochladen, bearbeiten oder löschen. Wer dieses PixTag betreibt, muss den Datenträger prüfen.";
export const tagWithReserved = (reserved: string) =>
  `Ein Schlagwort darf kein ${reserved} enthalten. Verwende stattdessen ein Leerzeichen.`;
export const tagWithExclamationMark = "Ein Schlagwort darf nicht mit ! beginnen. Lass es weg.";
export const tagWithMeaning = (text: string) =>
  `${text} hat in Suchen eine eigene Bedeutung. Wähle einen anderen Namen.`;
export const tagInvisible =
  "Ein Schlagwort darf nicht nur aus unsichtbaren Zeichen bestehen und keine Zeichen enthalten, die die Anzeige von Text ändern.";
export const tagTooLong = (most: number) => `Verwende höchstens ${most} Zeichen.`;
export const detecting = "Wird erkannt";
export const damaged = "Beschädigt";
export const undoChangeWithKey = (text: string) => `Rückgängig: ${text} (Strg+Z)`;
export const undoing = "Wird rückgängig gemacht…";
export const photosRestored = (count: number) => `${formatPhotos(count)} wiederhergestellt.`;
export const workerStopped = "Der Worker läuft nicht. Neue Fotos bleiben in der Warteschlange, bis er wieder startet.";
export const loadNewerPhotos = "Neuere Fotos laden";
export const stopped = "Angehalten.";
export const photosChanged = (count: number) => `${formatPhotos(count)} geändert`;
export const deletedOn = (day: string) => `Gelöscht ${day}`;
export const addedOn = (day: string) => `Hinzugefügt ${day}`;
export const noDateAddedOn = (day: string) => `Ohne Datum: hinzugefügt ${day}`;
/** A day inside a text: `heute`, but `am Freitag, 20. November`. */
export const dayInText = (name: string) => (name === today || name === yesterday ? name.toLowerCase() : `am ${name}`);
/** A day in the format of the browser as a heading. */
export const dayHeading = (day: string) => day;
export const undoChange = (text: string) => `Rückgängig: ${text}`;
/** What was done, as a message of its own. */
export const sentence = (text: string) => `${text}.`;
export const willBeDeleted = (name: string) =>
  `${name} wird endgültig gelöscht. PixTag kann es nicht anzeigen, hat aber die Datei. Wenn du keine andere Kopie hast, lade zuerst das Original herunter.`;
