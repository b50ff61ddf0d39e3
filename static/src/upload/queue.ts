// The queue of files on their way: what is in it and what becomes of it. Pure; each change gives a new queue.

/**
 * `sent`: it is being looked at; `ready`: its tags are known; `known`: the library had these bytes;
 * `failed`: it can be tried again; `refused`: it would never be taken.
 */
export type UploadState = "waiting" | "sending" | "sent" | "ready" | "known" | "failed" | "refused";

/** A tag and how many of it there are. */
interface Tag {
  readonly tag: string;
  readonly count: number;
}

export interface Upload {
  readonly id: number;
  readonly name: string;
  readonly type: string;
  /** Bytes. */
  readonly size: number;
  readonly state: UploadState;
  /** Bytes that are over there. */
  readonly sent: number;
  /** Why it failed, was refused or has to wait; empty otherwise. */
  readonly reason: string;
  /** The image that it became, as soon as the API has said so. */
  readonly imageId: string;
  /** What is on it, once it is ready. */
  readonly tags: readonly Tag[];
}

export type Queue = readonly Upload[];

export interface Totals {
  readonly files: number;
  readonly done: number;
  /** Of `done`, those that are not going to be in the library. */
  readonly failed: number;
  /** Of `done`, those that the library had already. */
  readonly known: number;
  /** Of what is sent or to be sent. */
  readonly bytes: number;
  readonly sentBytes: number;
}

export const MAX_BYTES = 50 * 2 ** 20;
export const MAX_SENDING = 3;

const TYPES: Readonly<Record<string, string>> = {
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  png: "image/png",
  webp: "image/webp",
  gif: "image/gif",
  heic: "image/heic",
  heif: "image/heif",
  avif: "image/avif",
};

/** What a file picker is told to offer. */
export const ACCEPT = [...new Set(Object.values(TYPES)), ...Object.keys(TYPES).map((end) => `.${end}`)].join();

/** The media type of a file: what its name says where the browser does not know (HEIC, mostly). */
export function mediaType({ name, type }: { readonly name: string; readonly type: string }): string {
  return type || (TYPES[name.split(".").at(-1)?.toLowerCase() ?? ""] ?? "");
}

/** Why a file would be refused; empty if it would not. */
export function refusal({ type, size }: { readonly type: string; readonly size: number }): string {
  if (!Object.values(TYPES).includes(type)) {
    return "Not a JPEG, PNG, WebP, GIF, HEIC or AVIF picture.";
  }
  if (size === 0) {
    return "The file is empty.";
  }
  return size > MAX_BYTES ? `Larger than ${MAX_BYTES / 2 ** 20} MiB.` : "";
}

/** The queue with more files at its end; those that would be refused are marked so at once. */
export function added(
  queue: Queue,
  files: readonly { readonly id: number; readonly name: string; readonly type: string; readonly size: number }[],
): Queue {
  return [
    ...queue,
    ...files.map(({ id, name, type, size }) => {
      const reason = refusal({ type, size });
      const state: UploadState = reason ? "refused" : "waiting";
      return { id, name, type, size, state, sent: 0, reason, imageId: "", tags: [] };
    }),
  ];
}

/** The queue after a change to one upload. */
export function changed(queue: Queue, id: number, change: Partial<Omit<Upload, "id">>): Queue {
  return queue.map((upload) => (upload.id === id ? { ...upload, ...change } : upload));
}

/** The uploads to begin now: those that wait longest, as many as there is room for. */
export function due(queue: Queue): readonly Upload[] {
  const room = MAX_SENDING - queue.filter(({ state }) => state === "sending").length;
  return queue.filter(({ state }) => state === "waiting").slice(0, Math.max(0, room));
}

/** The queue with everything that failed waiting again; with an `id`, only that. */
export function retried(queue: Queue, id?: number): Queue {
  return queue.map((upload) =>
    upload.state === "failed" && (id === undefined || id === upload.id)
      ? { ...upload, state: "waiting" as const, sent: 0, reason: "" }
      : upload,
  );
}

/** Whether it is on its way, or going to be. */
export function isOpen({ state }: Upload): boolean {
  return state === "waiting" || state === "sending";
}

/** The queue without what is done. */
export function cleared(queue: Queue): Queue {
  return queue.filter(isOpen);
}

/** The queue without what is still open; with an `id`, without that. */
export function cancelled(queue: Queue, id?: number): Queue {
  return queue.filter((upload) => !isOpen(upload) || (id !== undefined && id !== upload.id));
}

/** An upload after what its image has become. */
export function followed(upload: Upload, image: Becoming | undefined): Upload {
  if (upload.state !== "sent" || !image || image.state === "pending") {
    return upload;
  }
  return image.state === "failed"
    ? { ...upload, state: "refused", reason: image.reason }
    : { ...upload, state: "ready", tags: image.tags };
}

/** What an upload is told of its image. */
export interface Becoming {
  readonly state: string;
  readonly reason: string;
  readonly tags: readonly Tag[];
}

const RANKS: Readonly<Record<UploadState, number>> = {
  sending: 0,
  failed: 1,
  refused: 1,
  sent: 2,
  ready: 2,
  known: 2,
  waiting: 3,
};

/** At most so many of the queue to look at: what is on its way, what went wrong, the last that are done, the next. */
export function shown(queue: Queue, most: number): Queue {
  const byAge = (one: Upload, other: Upload) => (isOpen(one) ? one.id - other.id : other.id - one.id);
  return queue.toSorted((one, other) => RANKS[one.state] - RANKS[other.state] || byAge(one, other)).slice(0, most);
}

export function totals(queue: Queue): Totals {
  const count = (...states: UploadState[]) => queue.filter(({ state }) => states.includes(state)).length;
  const counted = queue.filter(({ state }) => state !== "refused" && state !== "known");
  return {
    files: queue.length,
    done: queue.length - count("waiting", "sending"),
    failed: count("failed", "refused"),
    known: count("known"),
    bytes: counted.reduce((sum, { size }) => sum + size, 0),
    sentBytes: counted.reduce((sum, { sent }) => sum + sent, 0),
  };
}

/** What became of all of them: `5 photographs added, 2 already there, 1 not`. */
export function summary({ files, failed, known }: Totals): string {
  const sent = files - failed - known;
  const words = [
    (sent > 0 || known === 0) && (sent === 1 ? "1 photograph added" : `${sent} photographs added`),
    known > 0 && `${known} already there`,
    failed > 0 && `${failed} not`,
  ];
  return words.filter(Boolean).join(", ");
}
