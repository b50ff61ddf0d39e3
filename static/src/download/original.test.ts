import { beforeEach, describe, expect, it, vi } from "vitest";
import { ConnectionLost, PhotoMissing, readOriginal } from "./original";

const DATA = Uint8Array.from({ length: 10 }, (_, index) => index);

let requests: string[] = [];
let waits: number[] = [];

interface Answer {
  readonly status?: number;
  /** How many bytes are sent. */
  readonly sent?: number;
  readonly takesRanges?: boolean;
  /** Whether the connection is lost after them. */
  readonly isLost?: boolean;
}

/** Return a server that gives these answers, and then sends all bytes. */
function server(...answers: readonly Answer[]): typeof fetch {
  const left = [...answers];
  return (url, init) => {
    const range = new Headers(init?.headers).get("Range");
    requests.push(`${url} ${range ?? ""}`.trim());
    const { status = 200, sent = DATA.length, takesRanges = true, isLost = false } = left.shift() ?? {};
    if (status !== 200) {
      return Promise.resolve(new Response("", { status }));
    }
    const start = takesRanges ? Number(range?.match(/\d+/)?.[0] ?? 0) : 0;
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (controller) => controller.enqueue(DATA.slice(start, start + sent)),
      pull: (controller) => (isLost ? controller.error(new TypeError("lost")) : controller.close()),
    });
    return Promise.resolve(new Response(body, { status: range && takesRanges ? 206 : 200 }));
  };
}

async function read(fetch: typeof globalThis.fetch, renewLink: () => Promise<string | null> = async () => "/new") {
  const bytes: number[] = [];
  const wait = (milliseconds: number) => {
    waits.push(milliseconds);
    return Promise.resolve();
  };
  const signal = new AbortController().signal;
  for await (const chunk of readOriginal("/link", { signal, renewLink, fetch, wait })) {
    bytes.push(...chunk);
  }
  return bytes;
}

beforeEach(() => {
  requests = [];
  waits = [];
});

describe("an original", () => {
  it("is read with one request", async () => {
    expect(await read(server())).toEqual([...DATA]);
    expect(requests).toEqual(["/link"]);
  });

  it("continues after a lost connection", async () => {
    expect(await read(server({ status: 503 }, { status: 503 }, { sent: 4, isLost: true }, { status: 500 }))).toEqual([
      ...DATA,
    ]);
    expect(requests).toEqual(["/link", "/link", "/link", "/link bytes=4-", "/link bytes=4-"]);
    expect(waits).toEqual([1000, 2000, 1000, 2000]);
  });

  it("skips bytes that are sent again", async () => {
    expect(await read(server({ sent: 4, isLost: true }, { takesRanges: false }))).toEqual([...DATA]);
  });

  it("fails when the connection is lost several times in a row", async () => {
    await expect(read(server(...Array(5).fill({ status: 500 })))).rejects.toThrow(ConnectionLost);
    expect(requests).toHaveLength(5);
  });

  it("gets a new link once", async () => {
    expect(await read(server({ status: 403 }))).toEqual([...DATA]);
    expect(requests).toEqual(["/link", "/new"]);
    await expect(read(server({ status: 403 }, { status: 403 }))).rejects.toThrow("couldn't be read (403)");
  });

  it("is missing when the photo is gone", async () => {
    await expect(read(server({ status: 404 }), async () => null)).rejects.toThrow(PhotoMissing);
  });

  it("ends when the person stops it", async () => {
    const stopping = new AbortController();
    stopping.abort(new Error("stopped"));
    const renewLink = vi.fn();
    const options = { signal: stopping.signal, renewLink, fetch: server({ status: 500 }) };

    await expect(readOriginal("/link", options).next()).rejects.toThrow("stopped");
  });
});
