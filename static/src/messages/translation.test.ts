import { expect, it, vi } from "vitest";
import { outcome } from "./de/outcomes";
import { problem, reason } from "./de/reasons";

it("a reason is in English until the translations are loaded", async () => {
  const text = "Damaged: almost the whole photo could be read.";

  expect(reason(text)).toBe(text);
  await vi.waitFor(() => expect(reason(text)).toBe("Beschädigt: Fast das ganze Foto ist lesbar."));
});

it.each([
  ["Damaged: about the upper 20 % could be read.", "Beschädigt: Etwa die oberen 20 % sind lesbar."],
  [
    "This progressive JPEG has 120 megapixels. PixTag can process progressive JPEG photos of up to 108.",
    "Dieses Foto (progressive JPEG) hat 120 Megapixel. PixTag kann bei diesem Format bis zu 108 verarbeiten.",
  ],
  ["Something new.", "Something new."],
  ["", ""],
])("the reason %s is %s in German", (text, german) => {
  expect(outcome(text)).toBe(german);
});

it.each([
  ["wrong-password", "Any.", "Das aktuelle Passwort ist falsch. Gib das Passwort ein, mit dem du dich anmeldest."],
  ["too-many-keys", "You can have at most 20 API keys. Revoke one first.", /höchstens 20 API-Schlüssel/],
  [
    "invalid-query",
    "Expected a comma after the tag (at character 5: 'dog cat')",
    "Nach dem Schlagwort fehlt ein Komma (bei Zeichen 5)",
  ],
  [
    "invalid-query",
    "Something new (at character 5: ' (at character 7: )')",
    "Diese Suche ist nicht gültig (bei Zeichen 5)",
  ],
  ["invalid-date", "This photo has a date without a time. Shift it by whole days only.", /nur um ganze Tage/],
  ["", "This image is not in the album. Add it first, or choose another one.", "Dieses Foto ist nicht im Album."],
  ["something-new", "Something new.", "Something new."],
])("the problem %s (%s) is %s in German", async (kind, detail, german) => {
  expect(await problem(kind, detail)).toEqual(typeof german === "string" ? german : expect.stringMatching(german));
});
