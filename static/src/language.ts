// The language: that of the browser, or the one that the person has chosen in this browser. The server chooses the page.

export type Language = "system" | "en" | "de";

export const LANGUAGES: readonly Language[] = ["system", "en", "de"]; // as in app/api/languages.py

const COOKIE = "pixtag-language";
const YEAR_SECONDS = 31_536_000;

/** Return the chosen language of a cookie string. */
export function findChosen(cookies: string): Language {
  const pairs = cookies.split("; ").map((pair) => pair.split("="));
  return LANGUAGES.find((language) => pairs.some(([name, value]) => name === COOKIE && value === language)) ?? "system";
}

/** The chosen language. Unit tests have no document. */
export const language: Language = findChosen(globalThis.document?.cookie ?? "");

/** Choose a language, also for later visits, and load the page in it. */
export function chooseLanguage(chosen: Language): void {
  const age = chosen === "system" ? 0 : YEAR_SECONDS;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  // biome-ignore lint/suspicious/noDocumentCookie: the server must read it, and not all browsers have the Cookie Store API
  document.cookie = `${COOKIE}=${chosen}; Path=/; Max-Age=${age}; SameSite=Lax${secure}`;
  location.reload();
}

/**
 * Return the locale of numbers and dates: that of the browser, unless the person has chosen another language.
 *
 * @param browser The locales of the browser, by preference.
 */
export function localeOf(chosen: Language, browser: readonly string[]): string | undefined {
  return chosen === "system" ? undefined : (browser.find((each) => each.split("-")[0] === chosen) ?? chosen);
}

export const LOCALE = localeOf(language, globalThis.navigator?.languages ?? []);
