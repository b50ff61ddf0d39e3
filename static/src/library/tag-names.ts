// The spelling of tags, as the API has it. Pure.

const MAX_CHARACTERS = 64;

/** Return a tag in the API's spelling: canonical composition, lower case, single spaces. */
export function normalize(text: string): string {
  return text.normalize("NFD").toLowerCase().normalize("NFC").replace(/\s+/g, " ").trim();
}

/** Return why a text can't be a tag; empty if it can. */
export function tagProblem(text: string): string {
  const reserved = /[,|:=<>]/.exec(text)?.[0];
  if (reserved) {
    return `A tag can't contain ${reserved}. Use a space instead.`;
  }
  if (text.startsWith("!")) {
    return "A tag can't start with !. Leave it out.";
  }
  if (text === "untagged") {
    return "untagged has a special meaning in searches. Choose another name.";
  }
  return text.length > MAX_CHARACTERS ? `Use at most ${MAX_CHARACTERS} characters.` : "";
}
