// Capture times and the fields that change them.

export const setByYou = "von dir gesetzt";
export const fromImport = "aus dem Import";
export const fromCamera = "von der Kamera";
export const fromXmp = "aus dem Foto (XMP)";
export const fromIptc = "aus dem Foto (IPTC)";
export const fromPngText = "aus dem Foto (PNG-Text)";
export const fromGps = "von GPS, in UTC";
export const fromFileDate = "vom Datum der Datei";
export const fromFileName = "aus dem Dateinamen";
export const timeOfUpload = "die Zeit des Hochladens";
export const date = "Datum";
export const time = "Uhrzeit";
export const atPlaceWithOffset = (offset: string) => `Am Ort der Aufnahme, UTC${offset}`;
export const atPlace = "Am Ort der Aufnahme. Darf leer sein.";
export const dateOutOfRange = "Wähle ein Datum zwischen 1826 und morgen.";
/** A time whose clock is not that of the place. */
export const inUtc = (time: string) => `${time} UTC`;
