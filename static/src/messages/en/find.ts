// Find by photo, by link and by tags.

export const pasteALinkFirst = "Paste a link first.";
export const linkHint = "Paste a link to a photo, its thumbnail, its preview or its original. Expired links work too.";
export const findPhoto = "Find photo";
export const searchExample = "Search example";
export const dropPasteOrChoose = "Drop, paste or choose a photo.";
export const chooseAnotherPhoto = "Choose another photo";
export const choosePhoto = "Choose photo";
export const photoToSearch = "Photo to search by";
export const photoNotKept = "PixTag doesn't keep this photo.";
export const detectingObjects = "Detecting objects…";
export const dropToFindSimilarPhotos = "Drop to find similar photos";
export const noObjectsDetected = "No objects detected";
export const noObjectsAdvice = "Try a photo with larger, sharper or better lit objects.";
export const detectedObjects = "Detected objects";
export const searchForTheseTags = "Search for these tags";
export const matchingPhotos = "Matching photos";
export const noMatchingPhotos = "No matching photos";
export const closeMatches = "Close matches";
export const noTagsYet = "No tags yet. Upload photos to get some.";
export const photosWithAllTags = "Photos with all of these tags";
export const findPhotos = "Find photos";
export const fileTooLarge =
  "This file is larger than 4 MiB, and your browser can't scale it down. Choose a JPEG or PNG file, or a smaller one.";
export const byPhoto = "By photo";
export const byLink = "By link";
export const byTags = "By tags";
export const find = "Find";
export const findLead = "Find similar photos by a photo or tags, or open a photo by its link.";
export const link = "Link";
