// Why a photo could not be read, or was not changed. The API writes these texts in English.

import { type Translation, translate } from "../translation";

const sides: Readonly<Record<string, string>> = { upper: "obere", lower: "untere", left: "linke", right: "rechte" };

const outcomes: readonly Translation[] = [
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
  [/^There is no such image in your library\./, "Dieses Foto ist nicht in deiner Bibliothek."],
  [/^This is not possible while the image is pending\./, "Das geht erst, wenn die Objekte erkannt sind."],
  [/^This is not possible while the image is trashed\./, "Das geht nicht, solange das Foto im Papierkorb liegt."],
  [/^This is not possible while the image is failed\./, "Das geht nicht, weil das Foto nicht lesbar ist."],
  [/^This is not possible while the image is ready\./, "Das geht nur mit Fotos, die im Papierkorb liegen."],
  [
    /^Another request changed the image at the same time\./,
    "Das Foto wurde gleichzeitig woanders geändert. Versuche es noch einmal.",
  ],
  [/^This photo was changed afterwards/, "Dieses Foto wurde danach geändert und bleibt, wie es ist."],
  [/^(?:An|This) image can have at most (\d+) tags/, "Ein Foto hat höchstens $1 Schlagwörter. Entferne zuerst eins."],
  [/^You can correct at most (\d+) detections/, "Du kannst höchstens $1 Erkennungen pro Foto korrigieren."],
  [
    /^This photo has no date that can be shifted\./,
    "Dieses Foto hat kein Datum, das sich verschieben lässt. Setze stattdessen eins.",
  ],
  [
    /^This photo has a date without a time\./,
    "Dieses Foto hat ein Datum ohne Uhrzeit. Verschiebe es nur um ganze Tage.",
  ],
  [/^(\S+) is not between 1826 and tomorrow\./, "$1 liegt nicht zwischen 1826 und morgen."],
  [/^There is no such album\./, "Dieses Album gibt es nicht. Vielleicht wurde es gelöscht."],
  [/^This image is not in the album\./, "Dieses Foto ist nicht im Album."],
  [
    /^The database entry of .+ is damaged\./,
    "Der Eintrag dieses Fotos in der Datenbank ist beschädigt. PixTag hat ihn nicht geändert.",
  ],
];

/** Return the text in German, or as it is if there is no translation. */
export const outcome = (text: string): string => translate(text, outcomes) ?? text;
