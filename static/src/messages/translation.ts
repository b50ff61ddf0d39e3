// Translates texts of the API, which are in English and may contain values.

/** The start of a text, and its translation with the matched groups. The rest of the text is left out. */
export type Translation = readonly [RegExp, string | ((...groups: string[]) => string)];

/** Return the first translation of a text; null if there is none. */
export function translate(text: string, translations: readonly Translation[]): string | null {
  const [pattern, translation] = translations.find(([each]) => each.test(text)) ?? [];
  // TypeScript has no overload for both kinds of replacements.
  return pattern ? (pattern.exec(text)?.[0].replace(pattern, translation as string) ?? null) : null;
}
