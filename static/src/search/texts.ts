// Conditions on the texts of photos in queries: `name:img_2034`, `title:"at the sea"`. Pure. It follows the API's parser.

import { normalize } from "../library/tag-names";

export const TEXT_FIELDS = ["name", "title", "camera", "lens", "text"] as const;
export type TextField = (typeof TEXT_FIELDS)[number];

export interface TextCondition {
  readonly field: TextField;
  readonly words: readonly string[];
}

export const MAX_TEXTS = 5;
const MAX_WORDS = 8;

/** The name of a text and the colon after it. */
export const TEXT_START = new RegExp(`\\s*(${TEXT_FIELDS.join("|")})\\s*:\\s*`, "iuy");
const CONDITION = new RegExp(`^${TEXT_START.source}(.*)$`, "isu");
const QUOTED = /^"((?:[^"]|"")*)"\s*$/u;
const SPECIAL = /[|"()]/u;
const ACCENTS = /[\u0300-\u036f]/gu;

/** Parse a part of a query. Returns undefined if it is no condition on a text, and null if it is a wrong one. */
export function textConditionOf(part: string): TextCondition | null | undefined {
  const [, field, value = ""] = CONDITION.exec(part) ?? [];
  if (field === undefined) {
    return undefined;
  }
  const quoted = QUOTED.exec(value)?.[1]?.replaceAll('""', '"');
  if (quoted === undefined && SPECIAL.test(value)) {
    return null;
  }
  const words = (quoted === undefined ? value.split(/\p{White_Space}+/u) : [quoted]).map(normalize).filter(isWord);
  const isValid = words.length > 0 && words.length <= MAX_WORDS;
  return isValid ? { field: field.toLowerCase() as TextField, words } : null;
}

/** Whether a word is more than accents. Searches leave these out, so accents alone would be in each text. */
function isWord(word: string): boolean {
  return word.normalize("NFD").replace(ACCENTS, "").trim() !== "";
}

/** Return the words of a condition as a query contains them. */
export function writeWords(words: readonly string[]): string {
  const [word = "", ...others] = words;
  const needsQuotes = others.length === 0 && /[\s,|"()]/u.test(word);
  return needsQuotes ? `"${word.replaceAll('"', '""')}"` : words.join(" ");
}
