// The account screen.

import { formatBytes, formatDateTime, formatNumber, formatTenths } from "../../formats";
import { formatPhotos } from "./formats";

export const sameAsTheSystem = "Wie im System";
export const light = "Hell";
export const dark = "Dunkel";
export const theme = "Design";
export const language = "Sprache";
export const sameAsTheBrowser = "Wie im Browser";
export const onlyThisBrowserRemembers = "Beides merkt sich nur dieser Browser.";
export const deleteAccount = "Konto löschen";
export const deletionLead =
  "Das löscht alle deine Fotos, Schlagwörter und gespeicherten Suchen endgültig. Sichere vorher, was du behalten willst: deine Originale mit ihren Schlagwörtern und den Export mit deinen Rahmen.";
export const deleteAccountButton = "Konto löschen…";
export const deleteEverything = "Alles löschen";
export const thisCantBeUndone =
  "Das lässt sich nicht rückgängig machen. Du kannst dich dann nicht mehr anmelden, und deine Bibliothek wird gelöscht.";
export const typeToConfirm = (email: string) => `Gib zur Bestätigung ${email} ein`;
export const cocoDescription = "Eine PixTag-Bibliothek";
export const saved = (name: string) => `${name} gespeichert.`;
export const exportTitle = "Export";
export const exportLead =
  "Speichere deine Schlagwörter als Tabelle (CSV) oder alle Rahmen in einem Format, das viele Programme zum Annotieren von Bildern lesen (COCO).";
export const exportCsv = "CSV exportieren";
export const exportCoco = "COCO exportieren";
export const originals = "Originale";
export const originalsLead =
  "Speichere die Originaldateien aller deiner Fotos als ZIP-Dateien von höchstens 1 GB. Fotos im Papierkorb sind nicht dabei.";
export const downloadOriginals = "Alle Originale herunterladen";
export const invitations = "Einladungen";
export const invitationsLead =
  "Die Registrierung ist nicht offen. Mit einer Einladung kann sich eine Person innerhalb von sieben Tagen registrieren. PixTag verschickt den Link nicht: Kopiere ihn und schicke ihn selbst.";
export const emailAddressOfThePerson = "E-Mail-Adresse der Person";
export const createLink = "Link erstellen";
export const copiedTheLink = "Link kopiert.";
export const copyingFailed = "Dein Browser erlaubt das Kopieren nicht. Markiere den Link und kopiere ihn selbst.";
export const linkWorksUntil = (expiresAt: string) =>
  `Er gilt bis ${formatDateTime(expiresAt)}. PixTag zeigt ihn nur hier.`;
export const copyLink = "Link kopieren";
export const password = "Passwort";
export const passwordLead =
  "Ein neues Passwort meldet dich auf allen anderen Geräten ab. API-Schlüssel gelten weiterhin.";
export const changePasswordButton = "Passwort ändern…";
export const changedPassword = "Passwort geändert. Überall sonst bist du jetzt abgemeldet.";
export const changePassword = "Passwort ändern";
export const currentPassword = "Aktuelles Passwort";
export const newPassword = "Neues Passwort";
export const removedPlaces = "Die Orte aller Fotos sind entfernt.";
export const places = "Orte";
export const removePlaces = "Aufnahmeorte meiner Fotos entfernen";
export const placesHint =
  "In deinen Originaldateien bleiben die Orte. Um sie wieder anzuzeigen, schalte dies aus und lass alle Fotos neu erkennen.";
export const removingPlaces = "Die Orte werden entfernt. Das dauert ein paar Minuten. Du kannst diese Seite verlassen.";
export const redetectedAllPhotos = "Alle Fotos sind neu erkannt.";
export const redetect = "Neu erkennen";
export const redetectionLead =
  "Lass die Objekte in allen deinen Fotos noch einmal erkennen, zum Beispiel nach einem neuen Modell. Deine Korrekturen bleiben.";
export const redetectAllPhotos = "Alle Fotos neu erkennen";
export const startingWithinAMinute = "Beginnt innerhalb einer Minute";
export const redetection = "Neu erkennen";
export const redetectionContinues = "Du kannst diese Seite verlassen. Das Erkennen läuft weiter.";
export const usage = "Belegung";
export const imagesUsed = (images: number, maxImages: number) =>
  `${formatPhotos(images)} von ${formatNumber(maxImages)}`;
export const bytesUsed = (bytes: number, maxBytes: number) => `${formatBytes(bytes)} von ${formatBytes(maxBytes)}`;
export const usageHint = "Mit Papierkorb. Nur Originale zählen, keine Vorschaubilder.";
export const account = "Konto";
export const you = "Du";
export const people = "Personen";
export const library = "Bibliothek";
export const leavePixtag = "PixTag verlassen";
export const signOut = "Abmelden";
export const bytesFree = (bytes: number) => `${formatBytes(bytes)} frei auf dem Datenträger dieses PixTag.`;
export const photos = "Fotos";
export const storage = "Speicherplatz";
export const link = "Link";
export const readingLibrary = (megabytes: number) => `Bibliothek wird gelesen: bisher ${formatTenths(megabytes)} MB`;
/** `isAll` is false while PixTag still counts the photos. */
export const redetected = (done: number, queued: number, isAll: boolean) =>
  `${formatNumber(done)} von ${formatNumber(queued)}${isAll ? "" : " oder mehr"} Fotos neu erkannt`;
