// The paths of the UI. The API's router for pages serves the same ones; all other paths belong to the API. Pure.

export type Screen =
  | "library"
  | "photo"
  | "find"
  | "labels"
  | "check"
  | "copies"
  | "collections"
  | "album"
  | "alerts"
  | "shared-links"
  | "trash"
  | "account"
  | "administration"
  | "sign-in"
  | "register"
  | "confirm"
  | "forgot";

const SCREENS: ReadonlySet<string> = new Set([
  "find",
  "labels",
  "check",
  "copies",
  "collections",
  "alerts",
  "shared-links",
  "trash",
  "account",
  "administration",
]);
const SIGNED_OUT: ReadonlySet<string> = new Set(["sign-in", "register", "confirm", "forgot"]);

/** The search for favourites. */
export const FAVOURITES = "is:favourite";
export const FAVOURITES_PATH = `/?q=${encodeURIComponent(FAVOURITES)}`;

/** The list of albums. Its path isn't that of the API. */
export const ALBUMS_PATH = "/collections";

/** The list of links for people without an account. Its path isn't that of the API. */
export const SHARED_LINKS_PATH = "/shared-links";

/** Return the path of an album. */
export function albumPath(id: string): string {
  return `${ALBUMS_PATH}/${id}`;
}

/** Return the screen of a path; null for a path of the API. */
export function screenOf(path: string): Screen | null {
  if (path === "/") {
    return "library";
  }
  if (/^\/photos\/[^/]+$/.test(path)) {
    return "photo";
  }
  if (/^\/collections\/[^/]+$/.test(path)) {
    return "album";
  }
  const name = path.slice(1);
  return SCREENS.has(name) || SIGNED_OUT.has(name) ? (name as Screen) : null;
}

/** Whether a screen is for people who aren't signed in. */
export function isSignedOutScreen(screen: Screen): boolean {
  return SIGNED_OUT.has(screen);
}

/** Return the path after signing in: `next` if it is a path of the UI, else the library. Never another site. */
export function nextPlace(next: string | null, origin: string): string {
  const target = next ? parse(next, origin) : null;
  const screen = target?.origin === origin ? screenOf(target.pathname) : null;
  return target && screen && !isSignedOutScreen(screen) ? target.pathname + target.search : "/";
}

function parse(address: string, origin: string): URL | null {
  return URL.canParse(address, origin) ? new URL(address, origin) : null;
}
