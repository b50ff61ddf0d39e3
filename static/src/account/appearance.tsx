// The theme and the language of the web UI. They are kept in this browser.

import * as messages from "#messages/account";
import { chooseLanguage, LANGUAGES, type Language, language } from "../language";
import { chooseTheme, THEMES, type Theme, theme } from "../theme";

const THEME_NAMES: Readonly<Record<Theme, string>> = {
  system: messages.sameAsTheSystem,
  light: messages.light,
  dark: messages.dark,
};
/** Each language has the name that its speakers know. */
const LANGUAGE_NAMES: Readonly<Record<Language, string>> = {
  system: messages.sameAsTheBrowser,
  de: "Deutsch",
  en: "English",
};

export function Appearance() {
  return (
    <section class="card" aria-labelledby="appearance">
      <h3 id="appearance">{messages.theme}</h3>
      <fieldset class="choices" aria-labelledby="appearance">
        {THEMES.map((name) => (
          <label key={name} class="choice">
            <input type="radio" name="theme" checked={theme.value === name} onChange={() => chooseTheme(name)} />
            {THEME_NAMES[name]}
          </label>
        ))}
      </fieldset>
      <h3 id="language">{messages.language}</h3>
      <fieldset class="choices" aria-labelledby="language">
        {LANGUAGES.map((name) => (
          <label key={name} class="choice" lang={name === "system" ? undefined : name}>
            <input type="radio" name="language" checked={language === name} onChange={() => chooseLanguage(name)} />
            {LANGUAGE_NAMES[name]}
          </label>
        ))}
      </fieldset>
      <p class="muted">{messages.onlyThisBrowserRemembers}</p>
    </section>
  );
}
