// The trash.

import { formatNumber } from "../../formats";
import { formatPhotos, plural } from "./formats";

export const allPhotosInTheTrash = "alle Fotos im Papierkorb";
export const deletePermanently = "Endgültig löschen";
export const trash = "Papierkorb";
export const trashLead = "Nach 30 Tagen im Papierkorb werden Fotos endgültig gelöscht.";
export const restoreAll = "Alle wiederherstellen";
export const emptyTrash = "Papierkorb leeren";
export const theTrashIsEmpty = "Der Papierkorb ist leer";
export const trashEmptyText = "Fotos, die du löschst, bleiben 30 Tage hier.";
export const restorePhotos = "Fotos wiederherstellen";
export const photosWillReturn = (count: number) =>
  `${formatPhotos(count)} ${plural(count, "kommt", "kommen")} mit allen Schlagwörtern zurück in die Bibliothek.`;
export const photosWillBeDeleted = (count: number) =>
  `${formatPhotos(count)} ${plural(count, "wird", "werden")} endgültig gelöscht. Das lässt sich nicht rückgängig machen.`;
export const daysLeft = (days: number) => `noch ${formatNumber(days)} ${plural(days, "Tag", "Tage")}`;
export const photosRestored = (count: number) => `${formatPhotos(count)} wiederhergestellt`;
export const photosDeleted = (count: number) => `${formatPhotos(count)} endgültig gelöscht`;
/** What was done, as a message of its own. */
export const sentence = (text: string) => `${text}.`;
