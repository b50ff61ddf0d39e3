// The saved searches and their e-mails.

import { formatPhotos, plural } from "./formats";

export const alerts = "Gespeicherte Suchen";
export const alertsLead =
  "Öffne eine Suche mit einem Klick wieder. Auf Wunsch bekommst du eine E-Mail, wenn ein neues oder geändertes Foto passt.";
export const removedAlert = (query: string) => `${query} entfernt.`;
export const noAlertsYet = "Noch keine gespeicherten Suchen";
export const yourAlerts = "Deine gespeicherten Suchen";
export const remove = "Entfernen";
export const countingTheMatchingPhotos = "Passende Fotos werden gezählt";
export const noPhotosMatch = "Keine passenden Fotos";
export const addedAnAlert = (added: string) => `${added} gespeichert`;
export const addAlert = "Suche speichern";
export const unknownTag = "Kein Foto hat bisher dieses Schlagwort. Meintest du:";
export const tagOrSearch = "Schlagwort oder Suche";
export const exampleQueries = "dog, person>=2";
export const name = "Name";
export const nameOptional = "Name (optional)";
export const nameHint = "Ohne Namen steht hier die Suche selbst.";
export const rename = "Umbenennen";
export const shareSearch = (name: string) => `${name} teilen`;
export const renameSearch = (name: string) => `${name} umbenennen`;
export const showInSideBar = "In der Seitenleiste anzeigen";
export const showInSideBarFor = (name: string) => `In der Seitenleiste anzeigen: ${name}`;
export const yourAddress = "deine Adresse";
export const email = "E-Mail";
export const confirmEmailAddress = "Bestätige deine E-Mail-Adresse";
export const emailsAreOff = "E-Mails sind aus";
export const confirmedIt = "Ich habe sie bestätigt";
export const sendNewConfirmation = "Neue Bestätigung senden";
export const sendAgain = "Noch einmal senden";
export const sentAgain = (address: string) => `Bestätigung noch einmal an ${address} gesendet.`;
export const atOnce = "Sofort";
export const daily = "Täglich";
export const weekly = "Wöchentlich";
export const paused = "Pausiert";
export const off = "Keine E-Mails";
export const emailsAbout = (name: string) => `E-Mails zu ${name}`;
export const noLongerValid = (fault: string) => `Nicht mehr gültig: ${fault}`;
/** `{0}` is a tag, `{1}` a search. */
export const noAlertsText = "Gib ein Schlagwort wie {0} ein oder eine Suche wie {1}.";
export const removeAlertFor = (query: string) => `${query} entfernen`;
export const photosMatch = (count: number) => `${formatPhotos(count)} ${plural(count, "passt", "passen")}`;
export const addAlertFor = (query: string) => `${query} speichern`;
export const addAnyway = (query: string) => `„${query}“ trotzdem speichern`;
export const emailsGoTo = (address: string) => `E-Mails gehen an ${address}`;
export const emailsGoToMailbox = "E-Mails gehen ins Postfach";
export const oneEmailPerMinute = "Du bekommst höchstens eine E-Mail pro Minute. Wähle für jede Suche, wann sie kommen.";
export const mailboxHasEmail = (address: string) =>
  `Im Postfach liegt eine E-Mail an ${address}. Öffne ihren Link, um E-Mails über neue Fotos zu bekommen.`;
export const emailSent = (address: string) =>
  `AWS Notifications hat eine E-Mail an ${address} gesendet. Öffne ihren Link, um E-Mails über neue Fotos zu bekommen. Wenn du sie nicht findest, sieh im Spam-Ordner nach.`;
export const subscriptionEnded = (address: string) =>
  `Das Abonnement von ${address} ist beendet oder wurde nie bestätigt.`;
