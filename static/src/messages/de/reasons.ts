// Why a photo could not be read, and problems of requests. The API writes these texts in English.

import { type Translation, translate } from "../translation";

const sides: Readonly<Record<string, string>> = { upper: "obere", lower: "untere", left: "linke", right: "rechte" };

const reasons: readonly Translation[] = [
  [/^Damaged: almost the whole photo could/, "Beschädigt: Fast das ganze Foto ist lesbar."],
  [/^Damaged: about the (\w+) half could/, (_, side = "") => `Beschädigt: Etwa die ${sides[side]} Hälfte ist lesbar.`],
  [
    /^Damaged: about the (\w+) (\d+) % could/,
    (_, side = "", percent) => `Beschädigt: Etwa die ${sides[side]}n ${percent} % sind lesbar.`,
  ],
  [
    /^Damaged: the photo is less sharp/,
    "Beschädigt: Das Foto ist weniger scharf als das Original, weil ein Teil der Datei fehlt.",
  ],
  [/^Damaged: the end of the file is missing\./, "Beschädigt: Das Ende der Datei fehlt. Alle Zeilen sind lesbar."],
  [/^This photo is damaged or cut off\./, "Dieses Foto ist beschädigt oder abgeschnitten."],
  [/^This is a video or an audio file\./, "Das ist eine Video- oder Audiodatei, kein Foto."],
  [/^This is not a JPEG, /, "Das ist kein Foto im Format JPEG, PNG, WebP, GIF, HEIC oder AVIF."],
  [
    /^PixTag cannot read this HEIF file, because its photo is coded as (.+)\. Convert/,
    "PixTag kann diese HEIF-Datei nicht lesen, weil ihr Foto als $1 kodiert ist. Wandle es in JPEG um.",
  ],
  [
    /^This (.+) has (\d+) megapixels\. .* of up to (\d+)\./,
    "Dieses Foto ($1) hat $2 Megapixel. PixTag kann bei diesem Format bis zu $3 verarbeiten.",
  ],
  [
    /^This (.+) has (\d+) megapixels and needs (\d+) MB of memory\. PixTag can use (\d+) MB\./,
    "Dieses Foto ($1) hat $2 Megapixel und braucht $3 MB Arbeitsspeicher. PixTag kann $4 MB nutzen.",
  ],
  [
    /^PixTag could not process this photo after several attempts\./,
    "PixTag konnte dieses Foto auch nach mehreren Versuchen nicht verarbeiten. Versuche es noch einmal oder lösche es.",
  ],
  [/^The file is larger than (\d+) MiB\./, "Die Datei ist größer als $1 MiB. Lade eine kleinere hoch."],
];

/** Return the text in German, or as it is if there is no translation. */
export const reason = (text: string): string => translate(text, reasons) ?? text;
/** The detail of a problem of a type, or of an outcome without one. The texts are loaded when they are first needed. */
export const problem = (kind: string, detail: string): string | Promise<string> =>
  import("./problems").then(
    ({ default: translateProblem }) => translateProblem(kind, detail),
    () => detail,
  );
