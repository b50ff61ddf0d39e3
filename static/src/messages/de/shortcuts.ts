// The list of keyboard shortcuts.

export const keyboardShortcuts = "Tastenkürzel";

// Groups
export const everywhere = "Überall";
export const library = "Bibliothek";
export const photo = "Foto";
export const review = "Prüfen";
export const datesAtSide = "Daten am Rand";

// Everywhere
export const search = "Suchen";
export const uploadPhotos = "Fotos hochladen";
export const goToLibrary = "Zur Bibliothek";
export const goToTags = "Zu den Schlagwörtern";
export const showShortcuts = "Tastenkürzel anzeigen";
export const closeWhatIsOpen = "Schließen, was offen ist";

// Library
export const moveBetweenPhotos = "Zwischen Fotos bewegen";
export const openFocusedPhoto = "Fokussiertes Foto öffnen";
export const selectFocusedPhoto = "Fokussiertes Foto auswählen";
export const selectUpToFocusedPhoto = "Bis zum fokussierten Foto auswählen";
export const selectAllLoadedPhotos = "Alle geladenen Fotos auswählen";
export const largerPhotos = "Größere Fotos";
export const smallerPhotos = "Kleinere Fotos";
export const favouriteFocusedOrSelected = "Fokussiertes oder ausgewählte Fotos zu Favoriten";
export const albumFocusedOrSelected = "Fokussiertes oder ausgewählte Fotos zu einem Album";
export const moveSelectedInAlbum = "Ausgewählte Fotos in einem Album von Hand verschieben";
export const deleteSelectedPhotos = "Ausgewählte Fotos löschen";
export const clearSelection = "Auswahl aufheben";

// Photo
export const previousPhotoOrLeft = "Vorheriges Foto, vergrößert nach links";
export const nextPhotoOrRight = "Nächstes Foto, vergrößert nach rechts";
export const upOrDownWhenZoomed = "Vergrößert nach oben oder unten";
export const zoomIn = "Vergrößern";
export const zoomOut = "Verkleinern";
export const fitToScreen = "An Fenster anpassen";
export const showBoxes = "Rahmen anzeigen";
export const drawBox = "Rahmen zeichnen";
export const favourite = "Favorit";
export const addToAlbum = "Zu Album hinzufügen";
export const showDetails = "Details anzeigen";
export const copyLink = "Link kopieren";
export const fullScreen = "Vollbild";
export const slideshow = "Diashow";
export const pauseSlideshow = "Diashow anhalten oder fortsetzen";
export const moveToTrash = "In den Papierkorb";
export const closePhoto = "Foto schließen";

// Search
export const chooseSuggestion = "Vorschlag wählen";
export const completeTag = "Schlagwort vervollständigen";

// Review
export const boxIsRight = "Ja, der Rahmen stimmt";
export const removeBox = "Nein, Rahmen entfernen";
export const allBoxesAreRight = "Alle Rahmen des Fotos stimmen";
export const increaseCount = "Anzahl erhöhen";
export const decreaseCount = "Anzahl verringern";
export const nextPhoto = "Nächstes Foto";
export const previousPhoto = "Vorheriges Foto";
export const nextBox = "Nächster Rahmen";
export const previousBox = "Vorheriger Rahmen";
export const undoLastDecision = "Letzte Entscheidung rückgängig machen";

// Dates at the side
export const goToNextMonth = "Zum nächsten Monat";
export const goToNextYear = "Zum nächsten Jahr";
export const goToNewestOrOldest = "Zum neuesten oder ältesten";

// Names of keys
export const keyEscape = "Esc";
export const keySpace = "Leertaste";
export const keyPageUp = "Bild ↑";
export const keyPageDown = "Bild ↓";
export const keyShift = "Umschalt";
