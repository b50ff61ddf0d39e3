// The problems of requests. The API writes their details in English.

import { type Translation, translate } from "../translation";
import { outcome } from "./outcomes";

const again = "Versuche es noch einmal.";

/** By type. The problems that only programs meet are missing: see tests/unit/app/api/test_german_texts.py. */
const problems: Readonly<Record<string, string>> = {
  "account-not-confirmed": "Die E-Mail-Adresse ist noch nicht bestätigt. Gib den Code aus der E-Mail ein.",
  "account-not-found": "Dieses Konto gibt es nicht. Vielleicht wurde es gelöscht.",
  "album-changed": `Das Album wurde gleichzeitig woanders geändert. ${again}`,
  "album-exists": "Du hast schon ein Album mit diesem Titel. Wähle einen anderen.",
  "album-not-found": "Dieses Album gibt es nicht. Vielleicht wurde es gelöscht.",
  "detection-not-found": "Diesen Rahmen gibt es nicht mehr. Lade das Foto neu.",
  "duplicates-not-found": "Diese Gruppe gibt es nicht mehr. Ihre Fotos liegen vielleicht im Papierkorb.",
  "folder-unreadable":
    "PixTag kann einen Ordner in seinem Datenordner nicht lesen. Nichts ist verloren. Wer dieses PixTag betreibt, muss den Datenträger und die Rechte des Ordners prüfen.",
  "form-expired": `Das Hochladen hat zu lange gedauert. ${again}`,
  "image-changed": `Das Foto wurde gleichzeitig woanders geändert. ${again}`,
  "image-damaged": "Der Eintrag dieses Fotos in der Datenbank ist beschädigt. PixTag hat ihn nicht geändert.",
  "image-not-found": "Dieses Foto ist nicht in deiner Bibliothek.",
  "image-not-in-album": "Dieses Foto ist nicht im Album.",
  "invalid-box": "Der Rahmen liegt nicht ganz im Foto oder ist zu klein. Zeichne ihn neu.",
  "invalid-code":
    "Der Code ist falsch oder abgelaufen. Fordere einen neuen an. Nach mehreren Fehlversuchen warte erst eine Stunde.",
  "invalid-credentials": "Die E-Mail-Adresse oder das Passwort ist falsch.",
  "invalid-cursor": "Diese Liste ist nicht mehr gültig. Lade die Seite neu.",
  "invalid-form": `Beim Hochladen ist etwas schiefgegangen. ${again}`,
  "invalid-invitation":
    "Diese Einladung wurde schon benutzt, ist abgelaufen oder gilt für eine andere Adresse. Bitte die Person, die dieses PixTag betreibt, um eine neue.",
  "invalid-link": "Dieser Link wurde verändert oder ist unvollständig. Kopiere den ganzen Link.",
  "invalid-token": "Deine Anmeldung ist abgelaufen. Melde dich neu an.",
  "key-not-found": "Diesen API-Schlüssel gibt es nicht. Vielleicht wurde er widerrufen.",
  "link-expired": "Dieser Link ist abgelaufen.",
  "no-administration":
    "Dieses PixTag läuft auf AWS, wo kein Konto es verwaltet. Wer es betreibt, verwaltet Personen mit Amazon Cognito.",
  "not-administrator": "Das darf nur die Person, die dieses PixTag verwaltet.",
  "own-account": "Das ist dein eigenes Konto. Lösche es auf der Seite deines Kontos.",
  "object-not-found": "Diese Datei gibt es nicht mehr.",
  "object-unreadable": "PixTag kann diese Datei nicht lesen. Wer dieses PixTag betreibt, muss den Datenträger prüfen.",
  "operation-ended": "Diese Änderung ist zu lange her, um sie fortzusetzen. Beginne sie neu.",
  "operation-not-found": "Diese Änderung lässt sich nicht mehr rückgängig machen. Das geht eine Stunde lang.",
  "photo-exists": "Dieses Foto ist schon in deiner Bibliothek.",
  "redetection-not-found": "In den letzten 30 Tagen hast du keine Fotos neu erkennen lassen.",
  "row-damaged": "Ein Eintrag in der Datenbank ist beschädigt. PixTag hat ihn nicht geändert.",
  "session-ended": "Deine Anmeldung ist abgelaufen. Melde dich neu an.",
  "storage-full":
    "Der Datenträger dieses PixTag ist voll, deshalb wurde nichts gespeichert. Schaffe Platz und versuche es noch einmal.",
  "share-not-found": "Diesen Link gibt es nicht mehr. Vielleicht wurde er widerrufen.",
  "subscription-not-found": "Diese gespeicherte Suche gibt es nicht mehr.",
  unavailable:
    "PixTag erreicht einen Dienst nicht, den es braucht. Nichts ist verloren. Versuche es gleich noch einmal.",
  "unsupported-type": "Kein Foto. Wähle eine JPEG-, PNG-, WebP-, GIF-, HEIC- oder AVIF-Datei.",
  "upload-expired": `Das Hochladen hat länger als einen Tag gedauert. ${again}`,
  "upload-incomplete": `Teile der Datei sind nicht angekommen. ${again}`,
  "upload-stalled": `Eine Minute lang kam nichts mehr an, deshalb wurde das Hochladen angehalten. ${again}`,
  "version-outdated": `Das wurde inzwischen woanders geändert. ${again}`,
  "wrong-password": "Das aktuelle Passwort ist falsch. Gib das Passwort ein, mit dem du dich anmeldest.",
};

const password = "Das Passwort ist zu schwach oder die Angaben sind nicht gültig.";

/** By detail, as these types have several. */
const details: Readonly<Record<string, readonly Translation[]>> = {
  "daily-limit-reached": [
    [
      /^.*? in ([\d.]+) hours\./,
      (_, hours = "") =>
        `Du hast heute so viel hochgeladen, wie pro Tag erlaubt ist. In ${hours.replace(".", ",")} Stunden geht es weiter.`,
    ],
  ],
  "invalid-account": [
    [
      /^A password has at least (\d+) characters/,
      "Ein Passwort hat mindestens $1 Zeichen und kein Leerzeichen am Rand.",
    ],
    [/^/, password],
  ],
  "invalid-title": [
    [/^A title has 1 to (\d+)/, "Ein Titel hat 1 bis $1 Zeichen."],
    [/^A title cannot contain/, "Der Titel enthält ein Zeichen, das nicht erlaubt ist. Entferne es."],
    [/^/, "Wähle einen anderen Titel."],
  ],
  "invalid-tag": [
    [/^A tag has 1 to (\d+)/, "Ein Schlagwort hat 1 bis $1 Zeichen."],
    [/^A tag needs a visible/, "Ein Schlagwort braucht ein sichtbares Zeichen."],
    [/^/, "Das ist kein gültiges Schlagwort. Wähle ein anderes."],
  ],
  "invalid-date": [
    [/^The difference from UTC/, "Der Abstand zu UTC muss zwischen -12:00 und +14:00 liegen."],
    [/^(?!This photo)/, "Das Datum ist nicht gültig. Prüfe es."],
  ],
  "quota-exceeded": [
    [/^/, "Deine Bibliothek ist voll. Lege Fotos in den Papierkorb, leere ihn und versuche es noch einmal."],
  ],
  "registration-closed": [
    [
      /^This address is not on the list/,
      "Diese Adresse darf sich nicht registrieren. Bitte die Person, die dieses PixTag betreibt, um eine Einladung.",
    ],
    [/^/, "Die Registrierung ist geschlossen. Bitte die Person, die dieses PixTag betreibt, um eine Einladung."],
  ],
  "too-many-albums": [[/^You can have at most ([\d,]+)/, "Du kannst höchstens $1 Alben haben. Lösche zuerst eins."]],
  "too-many-boxes": [[/^You can draw at most (\d+)/, "Du kannst höchstens $1 Rahmen pro Foto zeichnen. Lösche einen."]],
  "too-many-keys": [[/^You can have at most (\d+)/, "Du kannst höchstens $1 API-Schlüssel haben. Widerrufe einen."]],
  "too-many-shares": [[/^You can have at most (\d+)/, "Du kannst höchstens $1 Links haben. Widerrufe zuerst einen."]],
  "too-many-requests": [
    [
      /^There were too many failed sign-ins\. .* in (\d+) s/,
      "Es gab zu viele fehlgeschlagene Anmeldungen. Versuche es in $1 Sekunden noch einmal.",
    ],
    [
      /^Too many people are signing in\. .* in (\d+) s/,
      "Gerade melden sich zu viele Personen an. Versuche es in $1 Sekunden noch einmal.",
    ],
    [/^.*? in (\d+) seconds/, "Das waren zu viele Anfragen. Versuche es in $1 Sekunden noch einmal."],
  ],
  "too-many-subscriptions": [
    [/^You can have at most (\d+)/, "Du kannst höchstens $1 gespeicherte Suchen haben. Entferne zuerst eine."],
  ],
  "wrong-size": [
    [/^The file is larger than (\d+) MiB/, "Die Datei ist größer als $1 MiB. Wähle eine kleinere."],
    [/^/, "Die Datei ist leer, zu groß oder unvollständig. Wähle eine andere."],
  ],
};

/** The faults of queries. Their texts end with the place. */
const queries: readonly Translation[] = [
  [/^Expected a comma after the tag/, "Nach dem Schlagwort fehlt ein Komma"],
  [/^Expected a comma after the number/, "Nach der Zahl fehlt ein Komma"],
  [/^Expected a comma after the (?:text|title of the album)/, "Nach dem Text in Anführungszeichen fehlt ein Komma"],
  [/^Expected a comma before the parenthesis/, "Vor der Klammer fehlt ein Komma"],
  [/^Expected a comma after the parenthesis/, "Nach der Klammer fehlt ein Komma"],
  [/^Remove this parenthesis/, "Entferne diese Klammer oder öffne sie vorher"],
  [/^Close this parenthesis/, "Schließe diese Klammer"],
  [/^Expected a tag\. Write '!' only once/, "Hier fehlt ein Schlagwort. Schreibe „!“ nur einmal"],
  [/^Expected a tag/, "Hier fehlt ein Schlagwort"],
  [/^Expected '>='.* after the tag/, "Nach dem Schlagwort fehlen „>=“, „<=“, „>“, „<“, „=“ oder „:“ und eine Zahl"],
  [/^Expected a whole number from 0 to (\d+)/, "Hier fehlt eine ganze Zahl von 0 bis $1"],
  [/^Expected the title of an album after 'album:'/, "Nach „album:“ fehlt der Titel eines Albums"],
  [/^Expected words after '(\w+:)'/, "Nach „$1“ fehlen Wörter"],
  [/^Expected ':'.* and a date after (\w+)/, "Nach „$1“ fehlen „:“, „>=“, „<=“, „>“ oder „<“ und ein Datum"],
  [/^Expected a date .*or a comma/, "Hier fehlt ein Datum wie 2019, 2019-07 oder 2019-07-14, oder ein Komma"],
  [/^Expected a date/, "Hier fehlt ein Datum wie 2019, 2019-07 oder 2019-07-14"],
  [/^Expected a year from (\d+) to (\d+)/, "Hier fehlt ein Jahr von $1 bis $2"],
  [/^Expected a month from (\d+) to (\d+)/, "Hier fehlt ein Monat von $1 bis $2"],
  [/^Expected a day from (\d+) to (\d+)/, "Hier fehlt ein Tag von $1 bis $2"],
  [/^There is no day (?:before|after) this date/, "Dieses Datum liegt am Rand des Kalenders"],
  [/^The end of a period must not be before/, "Ein Zeitraum darf nicht vor seinem Anfang enden"],
  [/^The end of a range must not be less/, "Ein Bereich darf nicht unter seinem Anfang enden"],
  [/^No count is less than 0/, "Keine Anzahl ist kleiner als 0"],
  [/^No count is more than (\d+)/, "Keine Anzahl ist größer als $1"],
  [/^Write ':' before a range/, "Schreibe „:“ vor einen Bereich"],
  [/^Write '!' after tags only/, "Schreibe „!“ nur hinter Schlagwörter"],
  [/^Write '!' before the tag/, "Schreibe „!“ vor das Schlagwort, um alle anderen Anzahlen zu finden"],
  [/^Write '!' once, at the end\./, "Schreibe „!“ nur einmal, ans Ende"],
  [/^Write '!' after each tag/, "Schreibe „!“ hinter jedes Schlagwort"],
  [/^Write the count after each tag/, "Schreibe die Anzahl hinter jedes Schlagwort"],
  [/^Write '"' after the tag too\./, "Schreibe das Anführungszeichen auch hinter das Schlagwort"],
  [/^Write '(.+)' alone between commas/, "Schreibe „$1“ allein zwischen Kommas"],
  [/^Write '(\w+:)' between commas/, "Schreibe „$1“ allein zwischen Kommas"],
  [/^Write 'is:favourite'/, "Schreibe „is:favourite“"],
  [/^Write quotes around/, "Schreibe den Text in Anführungszeichen"],
  [/^Use '(.+)' instead of (\w+)/, "Schreibe „$1“ statt $2"],
  [/^Use at most (\d+) words/, "Verwende höchstens $1 Wörter in einer Bedingung"],
  [/^Use at most (\d+) conditions on texts/, "Verwende höchstens $1 Bedingungen an Texte"],
  [/^Use at most (\d+) levels of parentheses/, "Verwende höchstens $1 Ebenen von Klammern"],
  [/^A query has at most (\d+) characters/, "Eine Suche hat höchstens $1 Zeichen"],
  [
    /^An alert is about tags and dates\. Remove '(.+)'/,
    "Eine gespeicherte Suche kann „$1“ nicht enthalten. Entferne es",
  ],
  [/^/, "Diese Suche ist nicht gültig"],
];

const place = /\(at character (\d+): .*\)$/s;

/** Return the text of a problem. `kind` is its type without the prefix; empty for the outcome of a change. */
export default function translateProblem(kind: string, detail: string): string {
  if (kind === "invalid-query") {
    const position = place.exec(detail)?.[1];
    return `${translate(detail, queries)}${position ? ` (bei Zeichen ${position})` : ""}`;
  }
  return problems[kind] ?? translate(detail, details[kind] ?? []) ?? outcome(detail);
}
