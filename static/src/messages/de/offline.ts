// The library while PixTag can't be reached.

export const latestPhotos = "Deine neuesten Fotos";
export const onlyThumbnails =
  "Auf diesem Gerät liegen kleine Kopien davon. Für alle anderen Fotos brauchst du eine Verbindung.";
