// The page and the files that it loads first, kept for the time without a network.

const CACHE = "pixtag-shell";
const PAGE = "/";
const ASSET = /(?:src|href)="(\/assets\/[^"]+)"/g;

/** Return the paths of the files that a page loads first. Pure. */
export function assetsOf(page: string): readonly string[] {
  return [...new Set([...page.matchAll(ASSET)].map(([, path = ""]) => path))];
}

/** Get the page, and keep it with its files. */
export async function installShell(): Promise<void> {
  await keepShell(await fetch(PAGE, { cache: "no-cache" }));
}

/** Return the page from the server. Without a response, return the one that is kept. */
export async function openPage(request: Request, keep: (work: Promise<void>) => void): Promise<Response> {
  try {
    const response = await fetch(request);
    if (response.ok && !response.redirected) {
      keep(keepShell(response.clone()));
    }
    return response;
  } catch (error) {
    const kept = await (await caches.open(CACHE)).match(PAGE);
    if (kept) {
      return kept;
    }
    throw error;
  }
}

/** Return a file of the page that is kept, or get it. */
export async function openAsset(request: Request): Promise<Response> {
  return (await (await caches.open(CACHE)).match(request)) ?? fetch(request);
}

/** Keep a page after all of its files, so that what is kept always belongs together. Then forget those of older ones. */
async function keepShell(response: Response): Promise<void> {
  const cache = await caches.open(CACHE);
  const kept = response.clone();
  const page = await response.text();
  const assets = assetsOf(page);
  if (!kept.ok || assets.length === 0 || (await (await cache.match(PAGE))?.text()) === page) {
    return;
  }
  await cache.addAll(assets);
  await cache.put(PAGE, kept);
  const needed = new Set([PAGE, ...assets]);
  for (const request of await cache.keys()) {
    if (!needed.has(new URL(request.url).pathname)) {
      await cache.delete(request);
    }
  }
}
