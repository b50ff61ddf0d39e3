// The theme of the web UI. It is kept in this browser.

import * as messages from "#messages/account";
import { chooseTheme, THEMES, type Theme, theme } from "../theme";

const NAMES: Readonly<Record<Theme, string>> = {
  system: messages.sameAsTheSystem,
  light: messages.light,
  dark: messages.dark,
};

export function Appearance() {
  return (
    <section class="card" aria-labelledby="appearance">
      <h3 id="appearance">{messages.theme}</h3>
      <fieldset class="choices" aria-labelledby="appearance">
        {THEMES.map((name) => (
          <label key={name} class="choice">
            <input type="radio" name="theme" checked={theme.value === name} onChange={() => chooseTheme(name)} />
            {NAMES[name]}
          </label>
        ))}
      </fieldset>
      <p class="muted">{messages.onlyThisBrowserRemembers}</p>
    </section>
  );
}
