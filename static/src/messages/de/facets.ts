// The bar that refines a search.

import { formatNumber } from "../../formats";
import { formatPhotos, plural } from "./formats";

export const refineTheSearch = "Suche verfeinern";
export const refine = "Verfeinern";
export const tags = "Schlagwörter";
export const countOf = (tag: string) => `Anzahl von ${tag}`;
export const years = "Jahre";
export const tooManyTags = "Eine Suche hat höchstens 22 Schlagwörter";
export const showFewer = "Weniger anzeigen";
export const showAllOf = (count: number) => `Alle ${formatNumber(count)} anzeigen`;
export const altClickToExclude = "Alt-Klick schließt aus";
export const excludeIt = (label: string) => `${label} ausschließen`;
/** After the number, for screen readers. */
export const photosWord = (count: number) => ` ${plural(count, "Foto", "Fotos")}`;
export const inNewest = (count: number) => `In den neuesten ${formatPhotos(count)}`;
