// The results of a search, its chips and its help.

export const removeFromTheSearch = (name: string) => `Remove ${name} from the search`;
export const onlyCertain = "Only certain counts";
export const onlyCertainHint = "Count only what someone has checked, and what PixTag is sure about";
export const from = "From";
export const to = "To";
export const searchTerms = "Search terms";
export const andButton = "And";
export const orOperator = "or";
export const editIt = (name: string) => `Edit ${name}`;
export const notOperator = "not";
export const certain = "certain";
export const decreaseCount = (tag: string) => `Decrease count of ${tag}`;
export const increaseCount = (tag: string) => `Increase count of ${tag}`;
export const count = "Count";
export const excludeThisTag = "Exclude this tag";
export const orAnotherTag = "Or another tag";
export const noMatchYet = "No match yet.";
export const continueSearch = "Continue";
export const searchFor = (correction: string) => `Search for ${correction}`;
export const saveSearch = "Save search";
export const saved = "Saved";
export const savedTheSearch = "Saved the search.";
export const showSavedSearches = "Show saved searches";
export const editSearch = "Edit search";
export const noMatchingPhotos = "No matching photos";
export const favourites = "favourites";
export const deletedAlbum = "deleted album";
export const noFavourites = "No favourites yet";
/** `{0}` is a key. */
export const noFavouritesHint = "Open a photo, then choose the heart or press {0}.";
export const showWholeLibrary = "Show whole library";
export const helpDog = "photos with a dog";
export const helpTwoPeople = "two or more people";
export const helpNoPerson = "a dog and no person";
export const helpCatOrDog = "a cat or a dog";
export const helpRange = "two to five stop signs";
export const helpLastYear = "photos of last year";
export const helpFavourites = "your favourites";
export const searchHelp = "Search help";
export const searchByWhat = "Search by what is in your photos";
export const typeASearch = "Type a search";
export const keyboardShortcuts = "Keyboard shortcuts";
export const suggestedSearches = "Suggested searches";
export const resultsFor = (query: string) => `Results for ${query}`;
export const searchedBack = "Searched back.";
export const searchedBackTo = (month: string) => `Searched back to ${month}.`;
/** `{0}` is the query. */
export const noPhotoMatches = "No photo matches {0}.";
export const noPhotoMatchesNorTag = "No photo matches {0}. No tag has a similar name.";
export const noPhotoMatchesButOthers = "No photo matches {0}. Did you mean:";
/** `text` is the query in words, which the API writes in English. */
export const suggestedQuery = (_query: string, text: string) => text;
export const didYouMean = "Did you mean:";
export const without = (words: readonly string[]) => `without “${words.join("”, “")}”`;
export const operators = {
  minimum: "at least",
  exactly: "exactly",
  maximum: "at most",
  between: "between",
} as const;
export const countIs = (tag: string, operator: keyof typeof operators, count: number) =>
  `${tag}: ${operators[operator]} ${count}`;
export const countIsBetween = (tag: string, least: number, most: number) => `${tag}: between ${least} and ${most}`;
/** `{0}` is a key. */
export const helpText =
  "A comma means “and”. While you type, the box suggests your tags. Press {0} to search from anywhere.";
export const downloadResults = "Download results";
