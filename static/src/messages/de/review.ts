// The review.

import { formatNumber } from "../../formats";
import { formatPhotos, plural } from "./formats";

export const previousPhoto = "Vorheriges Foto";
export const skipToNextPhoto = "Zum nächsten Foto";
export const drawMissingBox = "Fehlenden Rahmen zeichnen";
export const noMoreQuestions = "Keine weiteren Fragen zu diesem Foto.";
export const loading = "Wird geladen…";
export const nextPhoto = "Nächstes Foto";
export const question = "Frage";
export const yes = "Ja";
export const no = "Nein";
export const allAreRight = (count: number) => `Alle ${formatNumber(count)} stimmen`;
export const counts = "Anzahlen";
export const review = "Prüfen";
export const undoLastDecision = "Letzte Entscheidung rückgängig machen (Z)";
export const keys = "Tasten";
export const photosOfSession = "Fotos dieser Sitzung";
export const thatWasTheLastPhoto = "Das war das letzte Foto";
export const allPhotosAreReviewed = "Alle Fotos sind geprüft";
export const goToLibrary = "Zur Bibliothek";
export const skippedPhotos = (skipped: number) =>
  `Du hast ${formatPhotos(skipped)} übersprungen. ${plural(skipped, "Es bleibt", "Sie bleiben")} zum Prüfen da.`;
export const allCertain = "Alle Anzahlen dieser Fotos sind jetzt sicher.";
export const allReviewed =
  "PixTag ist bei allen Rahmen sicher, oder du hast sie geprüft. Neue Fotos erscheinen hier, wenn es nicht sicher ist.";
/** `{0}` is the label. */
export const isThis = (_label: string) => "Ist das: {0}?";
export const sure = (percent: string) => `${percent} sicher`;
export const certain = "sicher";
export const countCertain = (count: number) => `${formatNumber(count)} sicher`;
export const photoOf = (number: number, total: number, isMore: boolean) =>
  `Foto ${formatNumber(number)} von ${formatNumber(total)}${isMore ? "+" : ""}.`;
export const decisionsOn = (decisions: number, photos: number) =>
  `${formatNumber(decisions)} ${plural(decisions, "Entscheidung", "Entscheidungen")} zu ${formatPhotos(photos)}.`;
