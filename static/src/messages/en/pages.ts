// The texts of index.html and not-found.html, which contain these names in braces.

export const description = "A private photo library that tags itself.";
export const needsJavascript = "PixTag needs JavaScript. Its API, at /docs, does not.";
export const pageNotFound = "Page not found";
export const pageNotFoundText = "There is no page at this address. Check it for typing errors, or go to your library.";
export const goToLibrary = "Go to library";
