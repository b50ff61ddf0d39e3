// The dates at the side, and the photos of this day in earlier years.

import { plural } from "./formats";

export const onThisDay = "On this day";
export const yearsAgo = (years: number) => `${years} ${plural(years, "year", "years")} ago`;
export const date = "Date";
export const datesThatCantBeRight = "Dates that can't be right";
export const andOlder = (month: string) => `${month} and older`;
