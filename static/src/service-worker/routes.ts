// Which requests the service worker answers. Pure.

import { screenOf } from "../paths";

const SHARE_PATH = "/share-target";

/** `page`: the page of a screen; `asset`: one of its files; `share`: photos of another app. */
export type Route = "page" | "asset" | "share";

/** Return the route of a request; null for responses of the API, photos, shared pages and other sites. */
export function routeOf(
  { method, mode, url }: Pick<Request, "method" | "mode" | "url">,
  ownOrigin: string,
): Route | null {
  const { origin, pathname } = new URL(url);
  if (origin !== ownOrigin) {
    return null;
  }
  if (method === "POST") {
    return pathname === SHARE_PATH ? "share" : null;
  }
  if (method !== "GET") {
    return null;
  }
  if (mode === "navigate") {
    return screenOf(pathname) ? "page" : null;
  }
  return pathname.startsWith("/assets/") ? "asset" : null;
}
