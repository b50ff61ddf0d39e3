// The first steps in an empty library.

export const libraryEmpty = "Your library is empty";
export const firstStep = "1. Add photos";
export const firstStepText = "Drop photos or folders anywhere on this page, or choose them.";
export const stepTag = "cup";
export const secondStep = "2. PixTag tags them";
export const secondStepText = "It detects the objects in each photo and counts them.";
export const stepQuery = "stop sign>=2";
export const thirdStep = "3. Search";
export const thirdStepText = "Find photos by what is in them, and by how many there are.";
export const choosePhotos = "Choose photos";
export const chooseFolder = "Choose folder";
export const trySamples = "Try with 12 sample photos";
