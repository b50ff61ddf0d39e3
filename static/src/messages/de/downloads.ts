// The download of photos as zip files.

import { formatBytes, formatNumber } from "../../formats";
import { formatPhotos, plural } from "./formats";

export const downloadPhotos = "Fotos herunterladen";
export const findingPhotos = (count: number) => `Fotos werden gesucht: bisher ${formatNumber(count)}`;
export const nothingToDownload = "Es gibt keine Fotos zum Herunterladen.";
/** `parts`: the number of zip files. */
export const planOf = (photos: number, bytes: number, parts: number) =>
  `${formatPhotos(photos)}, ${formatBytes(bytes)}, als ${formatNumber(parts)} ${plural(parts, "ZIP-Datei", "ZIP-Dateien")}.`;
export const contents =
  "Die ZIP-Dateien enthalten die Originale. Neben jedem Foto liegt eine XMP-Datei mit Schlagwörtern, Datum, Titel, Beschreibung, Bewertung und Ort.";
export const chooseFolderLead = "Wähle einen Ordner für sie.";
export const keepOpen = "Lass diese Seite offen, bis alles heruntergeladen ist.";
export const chooseFolder = "Ordner auswählen";
export const download = "Herunterladen";
export const progressOf = (done: number, total: number) => `${formatBytes(done)} von ${formatBytes(total)}`;
export const zipFiles = "ZIP-Dateien";
export const partWaiting = "Wartet";
export const partDone = "Fertig";
export const stopped = "Angehalten.";
export const saveAgain = "Noch einmal speichern";
export const saveFileAgain = (name: string) => `Noch einmal speichern: ${name}`;
export const interrupted = "Die Verbindung ist abgebrochen. Versuche es noch einmal.";
export const noRoom =
  "Dein Browser hat keinen Platz für diese Datei. Gib Speicherplatz frei oder wähle weniger Fotos aus und versuche es noch einmal.";
export const folderNotWritable =
  "In den Ordner kann nicht geschrieben werden. Prüfe ihn und beginne noch einmal mit dem Herunterladen.";
export const photoIsGone = "Dieses Foto ist nicht mehr in deiner Bibliothek.";
export const fileIncomplete = "PixTag hat nicht die ganze Datei.";
export const linkRefused = (status: number) => `Die Datei konnte nicht gelesen werden (${formatNumber(status)}).`;
export const isComplete = (photos: number) => `${formatPhotos(photos)} heruntergeladen.`;
export const missingPhotos = (count: number) =>
  `${formatPhotos(count)} ${plural(count, "fehlt", "fehlen")}. Eine Textdatei in der ZIP-Datei nennt ${plural(count, "es", "sie")}.`;
export const missingPhoto = (name: string, reason: string) => `${name}: ${reason}`;
