// The list of keyboard shortcuts.

export const keyboardShortcuts = "Keyboard shortcuts";

// Groups
export const everywhere = "Everywhere";
export const library = "Library";
export const photo = "Photo";
export const review = "Review";
export const datesAtSide = "Dates at the side";

// Everywhere
export const search = "Search";
export const uploadPhotos = "Upload photos";
export const goToLibrary = "Go to library";
export const goToTags = "Go to tags";
export const showShortcuts = "Show keyboard shortcuts";
export const closeWhatIsOpen = "Close what is open";

// Library
export const moveBetweenPhotos = "Move between photos";
export const openFocusedPhoto = "Open focused photo";
export const selectFocusedPhoto = "Select focused photo";
export const selectUpToFocusedPhoto = "Select up to focused photo";
export const selectAllLoadedPhotos = "Select all loaded photos";
export const largerPhotos = "Larger photos";
export const smallerPhotos = "Smaller photos";
export const favouriteFocusedOrSelected = "Favourite the focused or selected photos";
export const albumFocusedOrSelected = "Add the focused or selected photos to an album";
export const moveSelectedInAlbum = "Move selected photos in an album by hand";
export const deleteSelectedPhotos = "Delete selected photos";
export const clearSelection = "Clear selection";

// Photo
export const previousPhotoOrLeft = "Previous photo, or left when zoomed";
export const nextPhotoOrRight = "Next photo, or right when zoomed";
export const upOrDownWhenZoomed = "Up or down when zoomed";
export const zoomIn = "Zoom in";
export const zoomOut = "Zoom out";
export const fitToScreen = "Fit to screen";
export const showBoxes = "Show boxes";
export const drawBox = "Draw a box";
export const favourite = "Favourite";
export const addToAlbum = "Add to album";
export const showDetails = "Show details";
export const copyLink = "Copy link";
export const fullScreen = "Full screen";
export const slideshow = "Slideshow";
export const pauseSlideshow = "Pause or continue the slideshow";
export const moveToTrash = "Move to trash";
export const closePhoto = "Close photo";

// Search
export const chooseSuggestion = "Choose a suggestion";
export const completeTag = "Complete the tag";

// Review
export const boxIsRight = "Yes, the box is right";
export const removeBox = "No, remove the box";
export const allBoxesAreRight = "All boxes of the photo are right";
export const increaseCount = "Increase count";
export const decreaseCount = "Decrease count";
export const nextPhoto = "Next photo";
export const previousPhoto = "Previous photo";
export const nextBox = "Next box";
export const previousBox = "Previous box";
export const undoLastDecision = "Undo last decision";

// Dates at the side
export const goToNextMonth = "Go to the next month";
export const goToNextYear = "Go to the next year";
export const goToNewestOrOldest = "Go to the newest or oldest";

// Names of keys
export const keyEscape = "Esc";
export const keySpace = "Space";
export const keyPageUp = "Page ↑";
export const keyPageDown = "Page ↓";
export const keyShift = "Shift";
