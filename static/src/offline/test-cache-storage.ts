// A cache storage in memory for tests.

const ORIGIN = "https://pixtag.example";

/** The paths and texts of one cache. */
export class TestCache {
  readonly entries = new Map<string, Response>();

  constructor(private readonly request: (path: string) => Promise<Response>) {}

  keys(): Promise<readonly Request[]> {
    return Promise.resolve([...this.entries.keys()].map((path) => new Request(ORIGIN + path)));
  }

  match(request: Request | string): Promise<Response | undefined> {
    return Promise.resolve(this.entries.get(pathOf(request))?.clone());
  }

  put(request: Request | string, response: Response): Promise<void> {
    this.entries.set(pathOf(request), response);
    return Promise.resolve();
  }

  delete(request: Request | string): Promise<boolean> {
    return Promise.resolve(this.entries.delete(pathOf(request)));
  }

  async addAll(paths: readonly string[]): Promise<void> {
    for (const path of paths) {
      this.entries.set(path, await this.request(path));
    }
  }
}

function pathOf(request: Request | string): string {
  return new URL(typeof request === "string" ? request : request.url, ORIGIN).pathname;
}

export class TestCacheStorage {
  readonly caches = new Map<string, TestCache>();

  constructor(private readonly request: (path: string) => Promise<Response> = () => Promise.reject(new TypeError())) {}

  open(name: string): Promise<Cache> {
    const cache = this.caches.get(name) ?? new TestCache(this.request);
    this.caches.set(name, cache);
    return Promise.resolve(cache as unknown as Cache);
  }

  delete(name: string): Promise<boolean> {
    return Promise.resolve(this.caches.delete(name));
  }

  /** The paths in all caches. */
  get paths(): readonly string[] {
    return [...this.caches.values()].flatMap(({ entries }) => [...entries.keys()]).sort();
  }
}
