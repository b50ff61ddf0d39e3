// The tags screen.

import { formatNumber } from "../../formats";
import { formatPhotos, plural } from "./formats";

export const tags = "Schlagwörter";
export const objectsInYourPhotos = "Objekte auf deinen Fotos";
export const filterTags = "Schlagwörter filtern";
export const noTagsYet = "Noch keine Schlagwörter";
export const choosePhotos = "Fotos auswählen";
export const noTagsText =
  "PixTag verschlagwortet deine Fotos mit den Objekten, die es erkennt. Du kannst auch eigene Schlagwörter hinzufügen.";
export const noMatchingTags = "Keine passenden Schlagwörter.";
export const renameOrMerge = "Umbenennen oder zusammenführen";
export const renameIt = (tag: string) => `${tag} umbenennen`;
export const mergeTags = "Schlagwörter zusammenführen";
export const renameTag = "Schlagwort umbenennen";
export const newName = "Neuer Name";
export const totals = (tags: number, objects: number) =>
  `${formatNumber(tags)} ${plural(tags, "Schlagwort", "Schlagwörter")}, ${objectsIn(objects)}`;
export const objectsIn = (count: number) => `${formatNumber(count)} ${plural(count, "Objekt", "Objekte")}`;
/** `{0}` is the other tag. */
export const mergeNote = (photos: number) =>
  `Das Schlagwort {0} gibt es auf ${photos === 1 ? "einem Foto" : formatPhotos(photos)}. Die beiden Schlagwörter werden zusammengeführt. Hat ein Foto beide, werden ihre Anzahlen addiert. Du kannst das eine Stunde lang rückgängig machen.`;
