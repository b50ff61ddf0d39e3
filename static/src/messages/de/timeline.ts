// The dates at the side, and the photos of this day in earlier years.

import { plural } from "./formats";

export const onThisDay = "An diesem Tag";
export const yearsAgo = (years: number) => `vor ${years} ${plural(years, "Jahr", "Jahren")}`;
export const date = "Datum";
export const datesThatCantBeRight = "Daten, die nicht stimmen können";
export const andOlder = (month: string) => `${month} und älter`;
