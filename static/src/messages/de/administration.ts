// The screen of the administrator of one machine.

import { formatBytes, formatDateTime, formatNumber } from "../../formats";
import { formatPhotos, plural } from "./formats";

export const administration = "Verwaltung";
export const thisPixtag = "Dieses PixTag";
export const disk = "Datenträger";
export const diskUsed = (used: number, total: number) => `${formatBytes(used)} von ${formatBytes(total)} belegt`;
export const diskFree = (free: number) => `${formatBytes(free)} frei.`;
export const diskOfPhotos = (images: number, bytes: number) =>
  `${formatPhotos(images)} von allen Personen: ${formatBytes(bytes)}, ohne Vorschaubilder und Datenbank.`;
export const registration = "Registrierung";
export const whoCanRegister = {
  open: "Alle, die dieses PixTag öffnen können, können sich registrieren.",
  limited:
    "Nur die Adressen in der Einstellung PIXTAG_REGISTRATION können sich registrieren, und Personen mit einer Einladung.",
  closed: "Nur Personen mit einer Einladung können sich registrieren.",
} as const;
export const closeRegistration = "Registrierung schließen";
export const closedBySetting =
  "Die Einstellung PIXTAG_REGISTRATION schließt die Registrierung. Um sie zu öffnen, ändere die Einstellung und starte PixTag neu.";
export const closedRegistration = "Die Registrierung ist geschlossen.";
export const openedRegistration = "Die Registrierung ist hier nicht mehr geschlossen.";
export const people = "Personen";
export const peopleCount = (count: number) => `${formatNumber(count)} ${plural(count, "Konto", "Konten")}`;
export const accounts = "Konten";
export const administrator = "Verwaltet PixTag";
export const notConfirmed = "Adresse nicht bestätigt";
export const libraryOf = (images: number, bytes: number) => `${formatPhotos(images)}, ${formatBytes(bytes)}`;
export const registeredOn = (at: string) => `Registriert am ${formatDateTime(at)}`;
export const lastSignIn = (day: string) => `Letzte Anmeldung am ${day}`;
export const neverSignedIn = "Noch nie angemeldet";
export const showMore = "Mehr anzeigen";
export const deleteButton = "Löschen…";
export const deleteAccountOf = (email: string) => `Löschen… ${email}`;
export const deleteTitle = "Konto löschen";
export const deleteText = (name: string) =>
  `Das löscht das Konto von ${name} mit allen Fotos, Schlagwörtern und gespeicherten Suchen. Es lässt sich nicht rückgängig machen.`;
export const typeToConfirm = (email: string) => `Gib zur Bestätigung ${email} ein`;
export const deleteAction = "Konto löschen";
export const deleted = (email: string) => `${email} gelöscht. Die Fotos werden innerhalb von Minuten entfernt.`;
