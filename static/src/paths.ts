// The paths of the UI, as app/api/routers/pages.py answers them; every other path is the API's. Pure.

export type Screen =
  | "library"
  | "photo"
  | "find"
  | "labels"
  | "alerts"
  | "trash"
  | "account"
  | "sign-in"
  | "register"
  | "confirm"
  | "forgot";

const SCREENS: ReadonlySet<string> = new Set(["find", "labels", "alerts", "trash", "account"]);
const OUTSIDE: ReadonlySet<string> = new Set(["sign-in", "register", "confirm", "forgot"]);

/** The screen of a path of the UI; null for every other path, which is the API's. */
export function screenOf(path: string): Screen | null {
  if (path === "/") {
    return "library";
  }
  if (/^\/photos\/[^/]+$/.test(path)) {
    return "photo";
  }
  const name = path.slice(1);
  return SCREENS.has(name) || OUTSIDE.has(name) ? (name as Screen) : null;
}

/** Whether a screen is for people who are not signed in. */
export function isOutside(screen: Screen): boolean {
  return OUTSIDE.has(screen);
}

/** Where to go after signing in: the path of ours that `next` names, else the library. No other site, ever. */
export function nextPlace(next: string | null, origin: string): string {
  const target = next ? parse(next, origin) : null;
  const screen = target?.origin === origin ? screenOf(target.pathname) : null;
  return target && screen && !isOutside(screen) ? target.pathname + target.search : "/";
}

function parse(address: string, origin: string): URL | null {
  return URL.canParse(address, origin) ? new URL(address, origin) : null;
}
