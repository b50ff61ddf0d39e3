// Find by photo, by link and by tags.

import { formatBytes, formatNumber } from "../../formats";

export const pasteALinkFirst = "Füge zuerst einen Link ein.";
export const linkHint =
  "Füge den Link eines Fotos, seines Miniaturbilds, seiner Vorschau oder seines Originals ein. Abgelaufene Links gehen auch.";
export const findPhoto = "Foto finden";
export const searchExample = "Beispiel suchen";
export const dropPasteOrChoose = "Zieh ein Foto hierher, füge eins ein oder wähle eins aus.";
export const chooseAnotherPhoto = "Anderes Foto wählen";
export const choosePhoto = "Foto wählen";
export const photoToSearch = "Foto, nach dem gesucht wird";
export const photoNotKept = "PixTag behält dieses Foto nicht.";
export const detectingObjects = "Objekte werden erkannt…";
export const dropToFindSimilarPhotos = "Loslassen, um ähnliche Fotos zu finden";
export const noObjectsDetected = "Keine Objekte erkannt";
export const noObjectsAdvice = "Versuche es mit einem Foto mit größeren, schärferen oder heller beleuchteten Objekten.";
export const detectedObjects = "Erkannte Objekte";
export const searchForTheseTags = "Nach diesen Schlagwörtern suchen";
export const matchingPhotos = "Passende Fotos";
export const noMatchingPhotos = "Keine passenden Fotos";
export const closeMatches = "Fast passend";
export const noTagsYet = "Noch keine Schlagwörter. Lade Fotos hoch, dann gibt es welche.";
export const photosWithAllTags = "Fotos mit allen diesen Schlagwörtern";
export const findPhotos = "Fotos finden";
export const fileTooLarge =
  "Diese Datei ist größer als 4 MiB, und dein Browser kann sie nicht verkleinern. Wähle eine JPEG- oder PNG-Datei oder eine kleinere.";
export const samePhoto = "Dasselbe Foto";
export const fileFacts = (width: number, height: number, bytes: number) =>
  `${formatNumber(width)} × ${formatNumber(height)}, ${formatBytes(bytes)}`;
export const otherMatchingPhotos = "Andere passende Fotos";
export const findDuplicates = "Duplikate finden";
export const byPhoto = "Mit Foto";
export const byLink = "Mit Link";
export const byTags = "Mit Schlagwörtern";
export const find = "Finden";
export const findLead =
  "Finde ähnliche Fotos mit einem Foto oder mit Schlagwörtern, oder öffne ein Foto über seinen Link.";
export const link = "Link";
