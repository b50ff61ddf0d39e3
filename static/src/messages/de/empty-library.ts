// The first steps in an empty library.

export const libraryEmpty = "Deine Bibliothek ist leer";
export const firstStep = "1. Fotos hinzufügen";
export const firstStepText = "Zieh Fotos oder Ordner irgendwo auf diese Seite, oder wähle sie aus.";
export const stepTag = "cup";
export const secondStep = "2. PixTag verschlagwortet sie";
export const secondStepText = "Es erkennt die Objekte in jedem Foto und zählt sie.";
export const stepQuery = "stop sign>=2";
export const thirdStep = "3. Suchen";
export const thirdStepText = "Finde Fotos nach dem, was darauf ist, und wie oft.";
export const choosePhotos = "Fotos auswählen";
export const chooseFolder = "Ordner auswählen";
export const trySamples = "Mit 12 Beispielfotos ausprobieren";
