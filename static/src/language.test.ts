import { expect, it } from "vitest";
import { findChosen, localeOf } from "./language";

it.each([
  ["", "system"],
  ["pixtag-language=de", "de"],
  ["a=en; pixtag-language=en; b=de", "en"],
  ["pixtag-language=fr", "system"],
  ["other-pixtag-language=de", "system"],
] as const)("the cookies %s choose %s", (cookies, chosen) => {
  expect(findChosen(cookies)).toBe(chosen);
});

it.each([
  ["system", ["fr-FR", "de"], undefined],
  ["de", ["en-GB", "de-AT", "de"], "de-AT"],
  ["de", ["en-GB"], "de"],
  ["en", ["de", "en-IE"], "en-IE"],
] as const)("chosen %s in a browser with %s has the locale %s", (chosen, browser, locale) => {
  expect(localeOf(chosen, browser)).toBe(locale);
});
