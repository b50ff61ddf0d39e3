// The queue of files on their way: what is in it and what becomes of it. Pure; each change gives a new queue.

/** `refused`: it would never be taken, so it is not tried. */
export type UploadState = "waiting" | "sending" | "sent" | "failed" | "refused";

export interface Upload {
  readonly id: number;
  readonly name: string;
  readonly type: string;
  /** Bytes. */
  readonly size: number;
  readonly state: UploadState;
  /** Bytes that are over there. */
  readonly sent: number;
  /** Why it failed or was refused; empty otherwise. */
  readonly reason: string;
  /** The image that it became, as soon as the API has said so. */
  readonly imageId: string;
}

export type Queue = readonly Upload[];

export interface Totals {
  readonly files: number;
  readonly done: number;
  /** Of `done`, those that are not going to be in the library. */
  readonly failed: number;
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
      return { id, name, type, size, state, sent: 0, reason, imageId: "" };
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

/** The queue without what is done. */
export function cleared(queue: Queue): Queue {
  return queue.filter(({ state }) => state === "waiting" || state === "sending");
}

export function totals(queue: Queue): Totals {
  const tried = queue.filter(({ state }) => state !== "refused");
  return {
    files: queue.length,
    done: queue.filter(({ state }) => state !== "waiting" && state !== "sending").length,
    failed: queue.filter(({ state }) => state === "failed" || state === "refused").length,
    bytes: tried.reduce((sum, { size }) => sum + size, 0),
    sentBytes: tried.reduce((sum, { sent }) => sum + sent, 0),
  };
}
