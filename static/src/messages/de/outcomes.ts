// Why a photo was not changed. The API writes these texts in English.

import { type Translation, translate } from "../translation";

const outcomes: readonly Translation[] = [
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
