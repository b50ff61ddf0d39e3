// The texts of index.html and not-found.html, which contain these names in braces.

export const description = "Eine private Fotobibliothek, die sich selbst verschlagwortet.";
export const needsJavascript = "PixTag braucht JavaScript. Seine API unter /docs nicht.";
export const pageNotFound = "Seite nicht gefunden";
export const pageNotFoundText =
  "Unter dieser Adresse gibt es keine Seite. Prüfe sie auf Tippfehler oder geh zu deiner Bibliothek.";
export const goToLibrary = "Zur Bibliothek";
