// The paths that the development server passes to the API of `make run`; proxy.test.ts compares them with openapi.json.

const API_URL = "http://127.0.0.1:8000";

export const API_PATHS: readonly string[] = [
  "admin",
  "albums",
  "auth",
  "docs",
  "duplicates",
  "export",
  "health",
  "images",
  "keys",
  "mailbox",
  "objects",
  "openapi.json",
  "operations",
  "redetection",
  "review",
  "s",
  "search",
  "shares",
  "subscriptions",
  "tags",
  "timeline",
  "uploads",
  "usage",
];

/** Vite's option `server.proxy`: a regular expression for each path, as a string that starts with `^`. */
export const PROXY: Readonly<Record<string, string>> = Object.fromEntries(
  API_PATHS.map((path) => [`^/${path.replace(".", "[.]")}(?=[/?]|$)`, API_URL]),
);
