// Reads the bytes of an original. A connection that is lost continues where it ended.

import * as messages from "#messages/downloads";
import { pause } from "../http";

const STALL_MS = 60_000; // without a byte
const MAX_FAILURES = 5; // in a row
const FIRST_PAUSE_MS = 1000;

/** A photo whose original can't be fetched. The message says why. */
export class PhotoMissing extends Error {}

/** The connection was lost several times in a row. */
export class ConnectionLost extends Error {
  constructor() {
    super(messages.interrupted);
  }
}

export interface OriginalOptions {
  readonly signal: AbortSignal;
  /** Return another link after one was refused, because links expire; null if the photo is gone. */
  readonly renewLink: () => Promise<string | null>;
  readonly fetch?: typeof fetch;
  readonly wait?: typeof pause;
}

/**
 * Yield the bytes of an original, up to the end of the file that PixTag has.
 *
 * Throws PhotoMissing if its link is refused, and ConnectionLost.
 */
export async function* readOriginal(link: string, options: OriginalOptions): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const source = new Source(link, options);
  for (let received = 0; ; ) {
    const before = received;
    try {
      for await (const bytes of readFrom(options.fetch ?? fetch, source.link, received, options.signal)) {
        received += bytes.byteLength;
        yield bytes;
      }
      return;
    } catch (error) {
      options.signal.throwIfAborted();
      await source.recover(error, received > before);
    }
  }
}

/** Where an original is read. */
class Source {
  private isRenewed = false;
  private failures = 0;

  constructor(
    public link: string,
    private readonly options: OriginalOptions,
  ) {}

  /** Prepare another attempt: get a new link after the first refusal, or wait after a lost connection. */
  async recover(error: unknown, hasProgress: boolean): Promise<void> {
    if (error instanceof LinkRefused) {
      this.link = await this.renew(error);
      return;
    }
    this.failures = hasProgress ? 1 : this.failures + 1;
    if (this.failures === MAX_FAILURES) {
      throw new ConnectionLost();
    }
    await (this.options.wait ?? pause)(FIRST_PAUSE_MS * 2 ** (this.failures - 1), this.options.signal);
  }

  private async renew({ status }: LinkRefused): Promise<string> {
    if (this.isRenewed) {
      throw new PhotoMissing(messages.linkRefused(status));
    }
    this.isRenewed = true;
    const link = await this.options.renewLink();
    if (link === null) {
      throw new PhotoMissing(messages.photoIsGone);
    }
    return link;
  }
}

class LinkRefused extends Error {
  constructor(readonly status: number) {
    super();
  }
}

async function* readFrom(
  request: typeof fetch,
  url: string,
  start: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const stalled = new AbortController();
  let timer = 0;
  const watch = () => {
    clearTimeout(timer);
    timer = setTimeout(() => stalled.abort(), STALL_MS) as unknown as number;
  };
  watch();
  try {
    const headers: HeadersInit = start ? { Range: `bytes=${start}-` } : {};
    const ended = AbortSignal.any([signal, stalled.signal]);
    const response = await request(url, { headers, signal: ended, cache: "no-store" });
    if (response.status >= 400 && response.status < 500 && response.status !== 429) {
      throw new LinkRefused(response.status);
    }
    if (!(response.ok && response.body)) {
      throw new ConnectionLost();
    }
    let skipped = response.status === 206 ? 0 : start; // a server may ignore ranges
    const reader = response.body.getReader();
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      watch();
      const bytes = chunk.value.subarray(Math.min(skipped, chunk.value.byteLength));
      skipped -= chunk.value.byteLength - bytes.byteLength;
      if (bytes.byteLength > 0) {
        yield bytes;
      }
    }
  } finally {
    clearTimeout(timer);
    stalled.abort(); // ends a request that is left early
  }
}
