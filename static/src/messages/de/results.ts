// The results of a search, its chips and its help.

export const removeFromTheSearch = (name: string) => `${name} aus der Suche entfernen`;
export const onlyCertain = "Nur sichere Anzahlen";
export const onlyCertainHint = "Nur zählen, was jemand geprüft hat oder worin PixTag sicher ist";
export const from = "Von";
export const to = "Bis";
export const searchTerms = "Suchbegriffe";
export const andButton = "Und";
export const orOperator = "oder";
export const editIt = (name: string) => `${name} bearbeiten`;
export const notOperator = "nicht";
export const certain = "sicher";
export const decreaseCount = (tag: string) => `Anzahl von ${tag} verringern`;
export const increaseCount = (tag: string) => `Anzahl von ${tag} erhöhen`;
export const count = "Anzahl";
export const excludeThisTag = "Dieses Schlagwort ausschließen";
export const orAnotherTag = "Oder ein anderes Schlagwort";
export const noMatchYet = "Bisher kein Treffer.";
export const continueSearch = "Weiter";
export const searchFor = (correction: string) => `Nach ${correction} suchen`;
export const saveSearch = "Suche speichern";
export const saved = "Gespeichert";
export const savedTheSearch = "Suche gespeichert.";
export const showSavedSearches = "Gespeicherte Suchen anzeigen";
export const editSearch = "Suche bearbeiten";
export const noMatchingPhotos = "Keine passenden Fotos";
export const favourites = "Favoriten";
export const deletedAlbum = "gelöschtes Album";
export const noFavourites = "Noch keine Favoriten";
/** `{0}` is a key. */
export const noFavouritesHint = "Öffne ein Foto, dann wähle das Herz oder drücke {0}.";
export const showWholeLibrary = "Ganze Bibliothek anzeigen";
export const helpDog = "Fotos mit einem Hund";
export const helpTwoPeople = "zwei oder mehr Personen";
export const helpNoPerson = "ein Hund und keine Person";
export const helpCatOrDog = "eine Katze oder ein Hund";
export const helpRange = "zwei bis fünf Stoppschilder";
export const helpLastYear = "Fotos vom letzten Jahr";
export const helpFavourites = "deine Favoriten";
export const searchHelp = "Hilfe zur Suche";
export const searchByWhat = "Suche nach dem, was auf deinen Fotos ist";
export const typeASearch = "Suche eingeben";
export const keyboardShortcuts = "Tastenkürzel";
export const suggestedSearches = "Vorgeschlagene Suchen";
export const resultsFor = (query: string) => `Treffer für ${query}`;
export const searchedBack = "Zurück gesucht.";
export const searchedBackTo = (month: string) => `Gesucht bis ${month}.`;
/** `{0}` is the query. */
export const noPhotoMatches = "Kein Foto passt zu {0}.";
export const noPhotoMatchesNorTag = "Kein Foto passt zu {0}. Kein Schlagwort hat einen ähnlichen Namen.";
export const noPhotoMatchesButOthers = "Kein Foto passt zu {0}. Meintest du:";
/** `text` is the query in words, which the API writes in English. */
export const suggestedQuery = (query: string, _text: string) => query;
export const didYouMean = "Meintest du:";
export const without = (words: readonly string[]) => `ohne „${words.join("“, „")}“`;
export const operators = {
  minimum: "mindestens",
  exactly: "genau",
  maximum: "höchstens",
  between: "zwischen",
} as const;
export const countIs = (tag: string, operator: keyof typeof operators, count: number) =>
  `${tag}: ${operators[operator]} ${count}`;
export const countIsBetween = (tag: string, least: number, most: number) => `${tag}: zwischen ${least} und ${most}`;
/** `{0}` is a key. */
export const helpText =
  "Ein Komma heißt „und“. PixTag erkennt Objekte mit englischen Namen, wie dog. Beim Tippen schlägt das Feld deine Schlagwörter vor. Mit {0} suchst du von überall.";
export const downloadResults = "Treffer herunterladen";
