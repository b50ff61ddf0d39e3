// The duplicates.

import { formatBytes, formatNumber } from "../../formats";
import type { ImageSummary } from "../../schemas";
import { formatPhotos, plural } from "./formats";

export const duplicates = "Duplikate";
export const duplicatesLead =
  "Fotos, die in anderer Größe, Qualität oder anderem Format gleich aussehen. Behalte jeweils das beste.";
export const noDuplicates = "Keine Duplikate";
export const noDuplicatesText =
  "PixTag findet Fotos, die in anderer Größe, Qualität oder anderem Format gleich aussehen, auch leicht beschnittene.";
export const loadMoreGroups = "Mehr Duplikate laden";
export const nothingSoFar = "Bisher keine Duplikate. Lade mehr, um ältere Fotos anzusehen.";
export const showMorePhotos = "Mehr Fotos anzeigen";
/** The heading of a group with its best photo. */
export const groupOf = (name: string, count: number, isMore: boolean) => `${name}: ${formatPhotos(count, isMore)}`;
export const showMorePhotosOf = (name: string) => `Mehr Fotos anzeigen: ${name}`;
export const photoToKeep = "Foto zum Behalten";
/** `{0}` is the hidden name of the photo. */
export const keepIt = "{0} behalten";
export const intact = "Bestes: unbeschädigt";
export const pixels = "Bestes: mehr Pixel";
export const size = "Bestes: größere Datei";
export const earlier = "Bestes: zuerst hinzugefügt";
/** `4,032 × 3,024, JPEG, 2.2 MB`. */
export const facts = ({ width, height, type, size: bytes }: ImageSummary) =>
  `${formatNumber(width)} × ${formatNumber(height)}, ${type.replace("image/", "").toUpperCase()}, ${formatBytes(bytes)}`;
export const taken = (date: string) => `Aufgenommen: ${date}`;
export const added = (date: string) => `Hinzugefügt: ${date}`;
export const compare = "Vergleichen";
export const compareIt = (name: string) => `Vergleichen: ${name}`;
export const comparePhotos = "Fotos vergleichen";
export const keepTheBest = "Das beste behalten";
export const keepTheChosen = "Das gewählte behalten";
/** `label`: the text of the button; `name`: the photo to keep. */
export const keepAndMove = (label: string, name: string, count: number) =>
  `${label}: ${name}. ${formatPhotos(count)} ${plural(count, "kommt", "kommen")} in den Papierkorb.`;
export const keepInAllGroups = "In allen gezeigten Gruppen das beste behalten";
export const oneOfEachIsKept = (count: number) =>
  count === 1
    ? "Das beste Foto der Gruppe bleibt, oder das, das du gewählt hast."
    : `Von jeder der ${formatNumber(count)} Gruppen bleibt das beste Foto, oder das, das du gewählt hast.`;
export const photosWillMove = (count: number) =>
  `${formatPhotos(count)} ${plural(count, "kommt", "kommen")} für 30 Tage in den Papierkorb. Du kannst das rückgängig machen.`;
export const moveToTrash = "In den Papierkorb";
export const photosMoved = (count: number) => `${formatPhotos(count)} in den Papierkorb gelegt`;
export const photosHaveChanged =
  "Einige dieser Fotos haben sich geändert. Die Liste wurde neu geladen. Prüfe sie und versuche es noch einmal.";
export const photoOf = (number: number, total: number) => `Foto ${formatNumber(number)} von ${formatNumber(total)}`;
export const nextPhoto = "Das andere anzeigen";
export const zoomIn = "Vergrößern";
export const zoomOut = "Verkleinern";
export const picture = "Bild";
export const keepThisOne = "Dieses behalten";
export const thisOneIsKept = "Dieses bleibt";
