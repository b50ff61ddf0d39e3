// The theme of the web UI. It is kept in this browser.

import { chooseTheme, THEMES, type Theme, theme } from "../theme";

const NAMES: Readonly<Record<Theme, string>> = { system: "Same as the system", light: "Light", dark: "Dark" };

export function Appearance() {
  return (
    <section class="card" aria-labelledby="appearance">
      <h3 id="appearance">Theme</h3>
      <fieldset class="choices" aria-labelledby="appearance">
        {THEMES.map((name) => (
          <label key={name} class="choice">
            <input type="radio" name="theme" checked={theme.value === name} onChange={() => chooseTheme(name)} />
            {NAMES[name]}
          </label>
        ))}
      </fieldset>
      <p class="muted">Only this browser remembers it.</p>
    </section>
  );
}
