// The search box and its suggestions.

import { formatNumber } from "../../formats";

export const keywordTaken = "taken in a month, a year, or on a day";
export const keywordAdded = "uploaded in this month";
export const keywordFavourite = "your favourites";
export const keywordText = "in names, titles or descriptions";
export const keywordFile = "in file names";
export const keywordTitle = "in titles";
export const keywordCamera = "the camera";
export const keywordLens = "the lens";
export const keywordNoDate = "photos without a date";
export const keywordUntagged = "photos without tags";
export const searchPhotos = "Search photos";
export const searchPlaceholder = "Search: person>=2, dog";
export const clearSearch = "Clear search";
export const suggestions = "Suggestions";
export const ofThesePhotos = (count: number, isMore: boolean) =>
  `${formatNumber(count)}${isMore ? "+" : ""} of these photos`;
export const fromDate = (date: string) => `from ${date}`;
export const untilDate = (date: string) => `until ${date}`;
