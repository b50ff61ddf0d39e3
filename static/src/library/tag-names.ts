// The spelling of tags, as the API has it. Pure.

import * as messages from "#messages/library";
/** The words that searches need for themselves. */
export const KEYWORDS: ReadonlySet<string> = new Set(["untagged", "undated", "taken", "added"]);

const MAX_CHARACTERS = 64;
// Joiners and the letters of flag emoji are invisible, but words and emoji need them.
const REFUSED = /(?!\u200c|\u200d|[\u{e0020}-\u{e007f}])[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/u;
const VISIBLE = /[^\p{Cf}\p{White_Space}\p{Default_Ignorable_Code_Point}\u2800\u{1d159}]/u;

/** Return a tag in the API's spelling: canonical composition, lower case, single spaces. */
export function normalize(text: string): string {
  return text
    .normalize("NFD")
    .toLowerCase()
    .normalize("NFC")
    .replace(/\p{White_Space}+/gu, " ")
    .replace(/^ | $/g, "");
}

/** Return why a text can't be a tag; empty if it can. */
export function tagProblem(text: string): string {
  const reserved = /[,|:=<>]/.exec(text)?.[0];
  if (reserved) {
    return messages.tagWithReserved(reserved);
  }
  if (text.startsWith("!")) {
    return messages.tagWithExclamationMark;
  }
  if (KEYWORDS.has(text)) {
    return messages.tagWithMeaning(text);
  }
  if (REFUSED.test(text) || (text && !VISIBLE.test(text))) {
    return messages.tagInvisible;
  }
  return [...text].length > MAX_CHARACTERS ? messages.tagTooLong(MAX_CHARACTERS) : "";
}
