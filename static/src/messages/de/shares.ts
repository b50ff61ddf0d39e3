// Links with which people without an account see photos.

import { formatDateTime, formatNumber } from "../../formats";
import { formatPhotos, plural } from "./formats";

// The dialog
export const sharePhotos = (count: number) => `${formatPhotos(count)} teilen`;
export const shareAlbum = "Album teilen";
export const shareSearch = "Gespeicherte Suche teilen";
export const everyoneWithTheLink =
  "Alle, die den Link haben, sehen die Fotos, auch ohne Konto. Sie sehen keine Schlagwörter, Daten, Orte und Dateinamen.";
export const neverPrivate = (tag: string) => `Fotos mit dem Schlagwort „${tag}“ sind nie dabei.`;
export const showsCurrentAlbum = "Die Seite zeigt immer die Fotos, die gerade im Album sind.";
export const showsCurrentMatches = "Die Seite zeigt immer die Fotos, die gerade zur Suche passen.";
export const privateLeftOut = (count: number) =>
  `${formatPhotos(count)} ${plural(count, "ist", "sind")} privat und deshalb nicht dabei.`;
export const allPrivate = "Alle diese Fotos sind privat, also wäre die Seite leer. Entferne zuerst das Schlagwort.";
export const title = "Titel";
export const titleHint = "Er steht oben auf der Seite.";
export const untitled = "Fotos";
export const untitledSince = (at: string) => `Fotos, geteilt am ${formatDateTime(at)}`;
export const linkWorks = "Der Link gilt";
export const forDays = (days: number) => `${formatNumber(days)} Tage`;
export const forOneYear = "ein Jahr";
export const untilRevoked = "bis du ihn widerrufst";
export const password = "Passwort (optional)";
export const passwordHint = "Mindestens 8 Zeichen. Verschicke es auf einem anderen Weg als den Link.";
export const allowOriginals = "Originale dürfen heruntergeladen werden";
export const allowOriginalsHint =
  "Sonst gibt es Bilder mit bis zu 1600 Pixeln. Beide sind ohne Kameradaten und Positionen.";
export const createLink = "Link erstellen";
export const tooManyPhotos = (most: number) =>
  `Ein Link kann höchstens ${formatNumber(most)} Fotos zeigen. Wähle weniger aus, oder sammle sie in einem Album und teile das Album.`;
export const noReadyPhotos =
  "Keines dieser Fotos ist schon fertig. Warte, bis sie fertig sind, und versuche es noch einmal.";
export const albumGone = "Dieses Album gibt es nicht mehr. Vielleicht wurde es in einem anderen Tab gelöscht.";
export const searchGone =
  "Diese gespeicherte Suche gibt es nicht mehr. Vielleicht wurde sie in einem anderen Tab entfernt.";
export const tooManyShares = (detail: string) => `${detail} Deine Links findest du unter „Geteilte Links“.`;

// The new link
export const linkCreated = "Link erstellt";
export const link = "Link";
export const shownOnce = "Kopiere ihn jetzt. PixTag behält den Link nicht und kann ihn nicht noch einmal zeigen.";
export const copyLink = "Link kopieren";
export const sendLink = "Link senden…";
export const linkCopied = "Link kopiert.";
export const copyingFailed = "Dein Browser erlaubt das Kopieren nicht. Markiere den Link und kopiere ihn selbst.";
export const showSharedLinks = "Geteilte Links anzeigen";
export const done = "Fertig";

// The list
export const sharedLinks = "Geteilte Links";
export const sharedLinksLead =
  "Mit diesen Links sehen andere deine Fotos, auch ohne Konto. PixTag behält die Links selbst nicht. Wenn du einen verloren hast, widerrufe ihn und erstelle einen neuen.";
export const noSharedLinks = "Keine geteilten Links";
export const noSharedLinksText =
  "Wähle Fotos aus, oder öffne ein Foto, ein Album oder eine gespeicherte Suche. Wähle dann „Teilen“.";
export const goToLibrary = "Zur Bibliothek";
export const yourSharedLinks = "Deine geteilten Links";
export const ofAlbum = "Album";
export const ofSearch = "Gespeicherte Suche";
export const worksUntil = (at: string) => `Gilt bis ${formatDateTime(at)}`;
export const worksUntilRevoked = "Gilt, bis du ihn widerrufst";
export const expiredOn = (at: string) => `Abgelaufen: ${formatDateTime(at)}`;
export const expired = "Abgelaufen";
export const withPassword = "Passwort";
export const withOriginals = "Originale";
export const notViewedYet = "Noch nicht angesehen";
export const viewed = (count: number, day: string) =>
  `${formatNumber(count)} ${plural(count, "Aufruf", "Aufrufe")}, zuletzt am ${day}`;
export const revoke = "Widerrufen…";
export const revokeIt = (name: string) => `Widerrufen… ${name}`;
export const revokeTitle = "Link widerrufen?";
export const revokeAction = "Link widerrufen";
export const revokeText = (name: string) =>
  `Der Link zu „${name}“ funktioniert dann sofort nicht mehr. Wer die Seite offen hat, sieht ihre Bilder noch bis zu einer Stunde. Das lässt sich nicht rückgängig machen.`;
export const revoked = (name: string) => `Link zu ${name} widerrufen.`;
export const manageSharedLinks =
  "Mit einem Link sehen andere Fotos ohne Konto. Hier siehst du deine Links und kannst sie widerrufen.";
