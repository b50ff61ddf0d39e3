// Why a photo could not be read, and problems of requests. The API writes these texts in English. Their translations are
// loaded when they are first needed.

import { signal } from "@preact/signals";

const translated = signal<((text: string) => string) | null>(null);

/** The text in German. Until the translations are loaded, it is in English. */
export function reason(text: string): string {
  if (text && !translated.value) {
    import("./outcomes").then(
      ({ outcome }) => {
        translated.value = outcome;
      },
      () => {},
    );
  }
  return translated.value?.(text) ?? text;
}

/** The detail of a problem of a type, or of an outcome without one. */
export const problem = (kind: string, detail: string): string | Promise<string> =>
  import("./problems").then(
    ({ default: translateProblem }) => translateProblem(kind, detail),
    () => detail,
  );
