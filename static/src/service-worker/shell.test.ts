import { beforeEach, describe, expect, it, vi } from "vitest";
import { TestCacheStorage } from "../offline/test-cache-storage";
import { assetsOf, installShell, openAsset, openPage } from "./shell";

const page = (version: number) =>
  `<script src="/assets/theme-v1.js"></script><link href="/docs"><link href="/assets/index-${version}.css">`;

let site: Record<string, string> | null = {};
let storages = new TestCacheStorage();

const get = (path: string) =>
  site
    ? Promise.resolve(new Response(site[path] ?? "", { status: path in site ? 200 : 404 }))
    : Promise.reject(new TypeError());

function release(version: number): void {
  site = { "/": page(version), "/assets/theme-v1.js": "theme", [`/assets/index-${version}.css`]: `style ${version}` };
}

/** Open the page, and wait until it is kept. */
async function open(path = "/"): Promise<string> {
  const work: Promise<void>[] = [];
  const response = await openPage(new Request(`https://pixtag.example${path}`), (more) => work.push(more));
  await Promise.all(work);
  return response.text();
}

beforeEach(() => {
  storages = new TestCacheStorage(get);
  vi.stubGlobal("caches", storages);
  vi.stubGlobal("fetch", (request: Request | string) =>
    get(new URL(typeof request === "string" ? request : request.url, "https://pixtag.example").pathname),
  );
  release(1);
});

describe("the shell", () => {
  it("contains the files that the page loads first", () => {
    expect(assetsOf(page(1))).toEqual(["/assets/theme-v1.js", "/assets/index-1.css"]);
  });

  it("is installed, and opens without a network", async () => {
    await installShell();
    site = null;

    expect(await open("/account")).toBe(page(1));
    expect(await (await openAsset(new Request("https://pixtag.example/assets/index-1.css"))).text()).toBe("style 1");
    await expect(openAsset(new Request("https://pixtag.example/assets/other.js"))).rejects.toThrow(TypeError);
  });

  it("is replaced with its files by the page of a new release", async () => {
    await installShell();
    release(2);

    expect(await open()).toBe(page(2));

    expect(storages.paths).toEqual(["/", "/assets/index-2.css", "/assets/theme-v1.js"]);
    site = null;
    expect(await open()).toBe(page(2));
  });

  it("stays complete when the files of a new release can't be loaded", async () => {
    await installShell();
    release(2);
    for (const cache of storages.caches.values()) {
      vi.spyOn(cache, "addAll").mockRejectedValue(new TypeError());
    }

    await expect(open()).rejects.toThrow(TypeError);

    site = null;
    expect(await open()).toBe(page(1));
  });

  it("isn't replaced by an error or by another page", async () => {
    await installShell();
    site = { "/": "<h1>Sign in to the Wi-Fi</h1>" };
    expect(await open()).toBe("<h1>Sign in to the Wi-Fi</h1>");
    site = {};
    await open();

    site = null;
    expect(await open()).toBe(page(1));
  });

  it("is missing if it was never loaded", async () => {
    site = null;

    await expect(open()).rejects.toThrow(TypeError);
  });
});
