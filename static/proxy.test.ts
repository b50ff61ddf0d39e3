import { expect, it } from "vitest";
import openapi from "../openapi.json";
import { API_PATHS, PROXY } from "./proxy";
import { screenOf } from "./src/paths";

const PATTERNS = Object.keys(PROXY).map((pattern) => new RegExp(pattern));
const isProxied = (path: string) => PATTERNS.some((pattern) => pattern.test(path));
const UNDOCUMENTED = ["docs", "mailbox", "objects", "openapi.json", "s"]; // not in openapi.json

it("the proxy has the first part of each path of the API", () => {
  const parts = new Set(Object.keys(openapi.paths).map((path) => path.split("/")[1] ?? ""));

  expect(API_PATHS).toEqual([...parts, ...UNDOCUMENTED].sort());
});

it.each([
  ...Object.keys(openapi.paths),
  "/docs",
  "/docs/files/swagger-ui.css",
  "/mailbox?to=ada@example.com",
  "/objects/previews/a/b?c",
  "/openapi.json",
  "/s/01jd",
  "/search?q=dog",
])("the proxy passes %s to the API", (path) => {
  expect(isProxied(path)).toBe(true);
  expect(screenOf(path)).toBeNull();
});

it.each([
  "/",
  "/photos/01jd",
  "/find",
  "/labels",
  "/alerts",
  "/shared-links",
  "/trash",
  "/account",
  "/sign-in",
  "/src/images.ts",
])("the proxy leaves %s to the development server", (path) => {
  expect(isProxied(path)).toBe(false);
});
