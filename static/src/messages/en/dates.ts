// Capture times and the fields that change them.

export const setByYou = "set by you";
export const fromImport = "from the import";
export const fromCamera = "from the camera";
export const fromXmp = "from the photo (XMP)";
export const fromIptc = "from the photo (IPTC)";
export const fromPngText = "from the photo (PNG text)";
export const fromGps = "from GPS, in UTC";
export const fromFileDate = "from the date of the file";
export const fromFileName = "from the file name";
export const timeOfUpload = "the time of the upload";
export const date = "Date";
export const time = "Time";
export const atPlaceWithOffset = (offset: string) => `At the place, UTC${offset}`;
export const atPlace = "At the place. Can be empty.";
export const dateOutOfRange = "Choose a date between 1826 and tomorrow.";
/** A time whose clock is not that of the place. */
export const inUtc = (time: string) => `${time} UTC`;
