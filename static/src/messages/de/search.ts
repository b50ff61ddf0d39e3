// The search box and its suggestions.

import { formatNumber } from "../../formats";

export const keywordTaken = "aufgenommen in einem Monat, einem Jahr oder an einem Tag";
export const keywordAdded = "in diesem Monat hochgeladen";
export const keywordFavourite = "deine Favoriten";
export const keywordText = "in Namen, Titeln oder Beschreibungen";
export const keywordFile = "in Dateinamen";
export const keywordTitle = "in Titeln";
export const keywordCamera = "die Kamera";
export const keywordLens = "das Objektiv";
export const keywordNoDate = "Fotos ohne Datum";
export const keywordUntagged = "Fotos ohne Schlagwörter";
export const searchPhotos = "Fotos suchen";
export const searchPlaceholder = "Suche: person>=2, dog";
export const clearSearch = "Suche leeren";
export const suggestions = "Vorschläge";
export const ofThesePhotos = (count: number, isMore: boolean) =>
  `${formatNumber(count)}${isMore ? "+" : ""} dieser Fotos`;
export const fromDate = (date: string) => `ab ${date}`;
export const untilDate = (date: string) => `bis ${date}`;
