// The panel of uploads.

import { formatBytes, formatNumber } from "../../formats";

export const uploadFailed =
  "Die Datei konnte nicht hochgeladen werden. Prüfe deine Verbindung und die Datei und versuche es noch einmal.";
export const uploads = "Hochladen";
export const cancelAll = "Alle abbrechen";
export const hideFiles = "Dateien ausblenden";
export const showFiles = "Dateien anzeigen";
export const allFiles = "Alle Dateien";
export const cancelFile = (name: string) => `${name} abbrechen`;
export const noTags = "keine Schlagwörter";
export const dismissFile = (name: string) => `${name} ausblenden`;
export const download = "Herunterladen";
export const waiting = "Wartet";
export const detecting = "Wird erkannt";
export const duplicate = "Duplikat";
export const uploadNow = "Jetzt hochladen";
export const chooseFiles = "Dateien auswählen";
export const fileIncomplete = "Die Datei ist nicht vollständig angekommen. Versuche es noch einmal.";
export const uploadTooLate = "Das Hochladen hat zu spät begonnen. Versuche es noch einmal.";
export const fileTooLarge = "Die Datei ist zu groß. Wähle eine kleinere Datei.";
export const diskFull =
  "Der Datenträger dieses PixTag ist voll, deshalb wurde die Datei nicht gespeichert. Schaffe Platz und versuche es noch einmal.";
export const fileNotStored = "Die Datei wurde nicht gespeichert. Versuche es gleich noch einmal.";
export const libraryFull =
  "Deine Bibliothek ist voll. Lege Fotos in den Papierkorb, leere ihn und versuche es noch einmal.";
export const busyContinues = (seconds: number) => `PixTag ist ausgelastet. Das Hochladen geht in ${seconds} s weiter.`;
export const files = "Dateien";
export const andMore = (count: number) => `und ${formatNumber(count)} weitere`;
export const bytesLeft = (bytes: number) => `noch ${formatBytes(bytes)}`;
export const downloadFile = (name: string) => `${name} herunterladen`;
export const fileNotUploaded = (name: string) => `${name} wurde nicht hochgeladen.`;
export const filesNotUploaded = (count: number) => `${formatNumber(count)} Dateien wurden nicht hochgeladen.`;
/** `more`: the number of files without a name here. */
export const chooseAgain = (names: readonly string[], more: number) =>
  `Wähle diese Dateien noch einmal aus: ${names.join(", ")}${more > 0 ? ` und ${formatNumber(more)} weitere` : ""}.`;
/** `problem`: why PixTag can't be reached. */
export const paused = (problem: string, isOnline: boolean) =>
  `${problem}. Das Hochladen geht weiter, sobald ${isOnline ? "PixTag wieder da ist" : "du wieder online bist"}.`;
export const nothingShared = "Die andere App hat kein Foto geteilt.";
export const sharingFailed =
  "Die geteilten Fotos sind nicht angekommen. Vielleicht hat dein Browser keinen Platz dafür. Wähle sie mit „Hochladen“ aus.";
