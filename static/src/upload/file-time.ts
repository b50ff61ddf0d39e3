// The time of a file for the API. Pure.

const YEAR_9999 = 253_370_764_800_000;
const MINUTE_MS = 60_000;

/**
 * Return `File.lastModified` (Unix time in ms) as ISO 8601; empty if it is unknown or not a time that the API accepts.
 * It contains the clock and the UTC offset of the browser's time zone, which most photos were taken in.
 */
export function fileTime(lastModified: number, offset = -new Date(lastModified).getTimezoneOffset()): string {
  if (!(lastModified > 0 && lastModified < YEAR_9999)) {
    return "";
  }
  const minutes = Math.round(offset);
  const clock = new Date(lastModified + minutes * MINUTE_MS).toISOString().replace("Z", "");
  const [hour, minute] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `${clock}${minutes < 0 ? "-" : "+"}${twoDigits(hour)}:${twoDigits(minute)}`;
}

function twoDigits(number: number): string {
  return String(number).padStart(2, "0");
}
