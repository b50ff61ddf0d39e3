// The time of a file for the API. Pure.

const YEAR_10000 = 253_402_300_800_000;

/** Return `File.lastModified` (Unix time in ms) as ISO 8601; empty if it is unknown or not a time that the API accepts. */
export function fileTime(lastModified: number): string {
  return lastModified > 0 && lastModified < YEAR_10000 ? new Date(lastModified).toISOString() : "";
}
