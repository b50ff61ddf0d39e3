import { describe, expect, it } from "vitest";
import { nextPlace, screenOf } from "./paths";

const ORIGIN = "https://pixtag.example";

describe("a path", () => {
  it.each([
    ["/", "library"],
    ["/photos/01jd8xk3v5m0z8q4n2c7r9t1wy", "photo"],
    ["/labels", "labels"],
    ["/collections", "collections"],
    ["/collections/01jd8xk3v5m0z8q4n2c7r9t1wy", "album"],
    ["/collections/", null],
    ["/sign-in", "sign-in"],
    ["/shared-links", "shared-links"],
    ["/shares", null],
    ["/s/01jd8xk3v5m0z8q4n2c7r9t1wy", null],
    ["/images", null],
    ["/search", null],
    ["/docs", null],
    ["/photos/", null],
    ["/photos/a/b", null],
    ["/toString", null],
  ])("%s leads to %s", (path, screen) => {
    expect(screenOf(path)).toBe(screen);
  });
});

describe("the path after signing in", () => {
  it.each([
    ["/photos/01jd", "/photos/01jd"],
    ["/?q=dog%2C%20cat", "/?q=dog%2C%20cat"],
    ["/collections/01jd", "/collections/01jd"],
    [null, "/"],
    ["", "/"],
    ["/sign-in?next=/", "/"],
    ["/docs", "/"],
    ["//evil.example/", "/"],
    ["/\\evil.example/", "/"],
    ["https://evil.example/", "/"],
    ["https://pixtag.example.evil.example/", "/"],
    ["javascript:alert(1)", "/"],
    ["https://pixtag.example/trash", "/trash"],
    ["http://[", "/"],
  ])("for next=%s is %s", (next, path) => {
    expect(nextPlace(next, ORIGIN)).toBe(path);
  });
});
