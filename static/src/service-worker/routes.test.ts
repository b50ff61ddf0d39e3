import { describe, expect, it } from "vitest";
import { routeOf } from "./routes";

const ORIGIN = "https://pixtag.example";

const find = (method: string, mode: RequestMode, path: string) =>
  routeOf({ method, mode, url: new URL(path, ORIGIN).href }, ORIGIN);

describe("the service worker", () => {
  it.each([
    ["GET", "navigate", "/", "page"],
    ["GET", "navigate", "/?q=dog", "page"],
    ["GET", "navigate", "/photos/01jd8xk3v5m0z8q4n2c7r9t1wy", "page"],
    ["GET", "no-cors", "/assets/index-1.css", "asset"],
    ["POST", "navigate", "/share-target", "share"],
  ] as const)("answers %s %s %s", (method, mode, path, route) => {
    expect(find(method, mode, path)).toBe(route);
  });

  it.each([
    ["GET", "navigate", "/s/a-shared-page"],
    ["GET", "navigate", "/docs"],
    ["GET", "navigate", "/share-target"],
    ["GET", "cors", "/"],
    ["GET", "cors", "/images"],
    ["HEAD", "navigate", "/"],
    ["POST", "cors", "/images/trash"],
    ["GET", "no-cors", "/objects/thumbnails/owner/id?signature=1"],
    ["GET", "no-cors", "https://bucket.example/assets/index-1.css"],
  ] as const)("leaves %s %s %s to the server", (method, mode, path) => {
    expect(find(method, mode, path)).toBeNull();
  });
});
