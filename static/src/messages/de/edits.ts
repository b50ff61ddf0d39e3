// The dialogs that change the selected photos, and the dialog of an undo.

import { formatNumber } from "../../formats";
import { formatPhotos, plural } from "./formats";

export const addTags = "Schlagwörter hinzufügen";
export const counting = "Wird gezählt…";
export const stopping = "Wird angehalten…";
export const setOneDate = "Setzen";
export const shiftDates = "Verschieben";
export const resetDates = "Aus Dateien";
export const changeDates = "Datum ändern";
export const change = "Änderung";
export const days = "Tage";
export const hours = "Stunden";
export const minutes = "Minuten";
export const direction = "Richtung";
export const later = "Später";
export const earlier = "Früher";
export const preview = "Vorschau";
export const photo = "Foto";
export const becomes = "wird zu";
export const noDate = "Kein Datum";
export const removeTags = "Schlagwörter entfernen";
export const renameATag = "Schlagwort umbenennen";
export const renameTag = "Schlagwort umbenennen";
export const tag = "Schlagwort";
export const newName = "Neuer Name";
export const renameHint =
  "Nur die ausgewählten Fotos ändern sich. Hat ein Foto beide Schlagwörter, werden ihre Anzahlen addiert.";
export const photosWillChange = (count: number) => `${formatPhotos(count)} ${plural(count, "ändert", "ändern")} sich.`;
export const noPhotosWillChange = "Kein Foto ändert sich.";
export const countPerPhoto = "Anzahl pro Foto";
export const addAnotherTag = "Noch ein Schlagwort";
export const moveToTrash = "In den Papierkorb";
export const tagNumber = (number: number) => `Schlagwort ${number}`;
export const countOfTagNumber = (number: number) => `Anzahl von Schlagwort ${number}`;
export const removeTagNumber = (number: number) => `Schlagwort ${number} entfernen`;
export const progressOf = (done: number, size: number) => `${formatNumber(done)} von ${formatNumber(size)}`;
export const busyContinues = (seconds: number) => ` – PixTag ist ausgelastet. Es geht in ${seconds} s weiter.`;
export const changesAreKept = (problem: string) => `${problem} Die bisherigen Änderungen bleiben.`;
export const wereChecked = (checked: number, size: number) =>
  `${formatPhotos(checked)} von ${formatNumber(size)} wurden geprüft.`;
export const photosWillMove = (count: number) =>
  `${formatPhotos(count)} ${plural(count, "kommt", "kommen")} in den Papierkorb. Du kannst ${plural(count, "es", "sie")} 30 Tage lang wiederherstellen.`;
export const photosMoved = (count: number) => `${formatPhotos(count)} in den Papierkorb gelegt`;
export const photosRestored = (count: number) => `${formatPhotos(count)} wiederhergestellt.`;
export const undoAgain = (problem: string) => `${problem} Wähle noch einmal „Rückgängig“, um fortzufahren.`;
export const photosKept = (count: number) =>
  `${formatPhotos(count)} ${plural(count, "wurde seitdem geändert und bleibt, wie es ist", "wurden seitdem geändert und bleiben, wie sie sind")}:`;
