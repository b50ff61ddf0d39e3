// The theme: that of the system, or the one that the person has chosen in this browser.

import { effect, signal } from "@preact/signals";

export type Theme = "system" | "light" | "dark";

export const THEMES: readonly Theme[] = ["system", "light", "dark"];

const KEY = "pixtag:theme"; // public/assets/theme-v1.js reads it before the first paint

const read = (): Theme => THEMES.find((theme) => theme === localStorage.getItem(KEY)) ?? "system";

export const theme = signal<Theme>("system");

/** Choose a theme, also for other tabs and later visits. */
export function chooseTheme(chosen: Theme): void {
  localStorage.setItem(KEY, chosen);
  theme.value = chosen;
}

/** Apply the theme now, and whenever it is changed in this or another tab. */
export function startTheme(): void {
  theme.value = read();
  addEventListener("storage", ({ key }) => {
    if (key === KEY || key === null) {
      theme.value = read();
    }
  });
  const bars = [...document.querySelectorAll<HTMLMetaElement>("meta[name=theme-color]")]; // light, then dark
  const colours = bars.map(({ content }) => content);
  effect(() => {
    const { dataset } = document.documentElement;
    if (theme.value === "system") {
      delete dataset["theme"];
    } else {
      dataset["theme"] = theme.value;
    }
    for (const [index, bar] of bars.entries()) {
      const shown = theme.value === "system" ? index : THEMES.indexOf(theme.value) - 1;
      bar.content = colours[shown] ?? "";
    }
  });
}
