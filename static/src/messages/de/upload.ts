// The buttons that upload photos, and the reasons why a file is not accepted.

import { formatNumber } from "../../formats";
import { formatPhotos, plural } from "./formats";

export const photoRemoved = "Dieses Foto wurde entfernt.";
export const dropToUpload = "Loslassen zum Hochladen";
export const upload = "Hochladen";
export const moreWaysToUpload = "Mehr Wege zum Hochladen";
export const choosePhotos = "Fotos auswählen";
export const chooseFolder = "Ordner auswählen";
export const dropHint = "Du kannst Dateien und Ordner auch überall hinziehen oder ein Foto einfügen.";
export const photosToUpload = "Fotos zum Hochladen";
export const folderToUpload = "Ordner zum Hochladen";
export const noPhotosInThisFolder = "Keine Fotos in diesem Ordner.";
export const notAPhoto = "Kein Foto. Wähle eine JPEG-, PNG-, WebP-, GIF-, HEIC- oder AVIF-Datei.";
export const fileEmpty = "Die Datei ist leer.";
export const findingTags = (count: number) => `Schlagwörter für ${formatPhotos(count)} werden gesucht`;
export const countAdded = (count: number) => `${formatPhotos(count)} hinzugefügt`;
export const countDuplicates = (count: number) => `${formatNumber(count)} ${plural(count, "Duplikat", "Duplikate")}`;
export const countFailed = (count: number) => `${formatNumber(count)} fehlgeschlagen`;
export const uploadingOf = (number: number, files: number) =>
  `${formatNumber(number)} von ${formatNumber(files)} wird hochgeladen`;
export const tooLarge = (mebibytes: number) => `Größer als ${formatNumber(mebibytes)} MiB. Wähle eine kleinere Datei.`;
const kinds = {
  jpeg: "JPEG-Dateien",
  progressiveJpeg: "progressive JPEG-Dateien",
  png: "PNG-Dateien",
  gif: "GIF-Dateien",
  webp: "WebP-Dateien",
  losslessWebp: "verlustfreie WebP-Dateien",
  transparentWebp: "transparente WebP-Dateien",
  animatedWebp: "animierte WebP-Dateien",
  heic: "HEIC-Dateien",
  deepHeic: "HEIC-Dateien mit 10 Bit",
  transparentHeic: "transparente HEIC-Dateien",
  avif: "AVIF-Dateien",
  deepAvif: "AVIF-Dateien mit 10 Bit",
};

/** `most` is in megapixels. The kind is null for a HEIC or AVIF file whose header does not tell more. */
export const tooManyPixels = (
  picture: { readonly kind: keyof typeof kinds | null; readonly width: number; readonly height: number },
  most: number,
): string =>
  `Dieses Bild hat ${formatNumber(picture.width)} × ${formatNumber(picture.height)} Pixel (${formatNumber(Math.ceil((picture.width * picture.height) / 1e6))} Megapixel). Die Grenze für ${picture.kind ? kinds[picture.kind] : "HEIC- oder AVIF-Dateien"} liegt bei ${formatNumber(most)} Megapixeln. Wähle ein kleineres Bild.`;
