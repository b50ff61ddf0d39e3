import { describe, expect, it } from "vitest";
import type { Download } from "../schemas";
import { type ArchiveOptions, listFiles, type MissingPhoto, makeArchive } from "./archive";
import { PhotoMissing, type readOriginal } from "./original";
import { UniqueNames } from "./unique-names";

const entry = (id: string, size = 3) => ({ id, name: `${id}.jpg`, size });
const text = new TextEncoder();

function download(id: string, file_name: string): Download {
  return { id, file_name, size: 3, original: `/${id}`, sidecar: `xmp of ${id}` };
}

const read: typeof readOriginal = async function* (link) {
  if (link === "/broken") {
    throw new PhotoMissing("It is broken.");
  }
  if (link === "/empty") {
    return;
  }
  yield await Promise.resolve(text.encode(link.slice(0, 1)));
  yield text.encode(link.slice(1));
};

function setUp(...downloads: readonly Download[]) {
  const asked: string[][] = [];
  const missing: MissingPhoto[] = [];
  let received = 0;
  const options: ArchiveOptions = {
    names: new UniqueNames(["missing-photos.txt"]),
    signal: new AbortController().signal,
    prepare: (ids) => {
      asked.push([...ids]);
      return Promise.resolve(downloads.filter(({ id }) => ids.includes(id)));
    },
    onBytes: (count) => {
      received += count;
    },
    onMissing: (photo) => missing.push(photo),
    read,
  };
  return { options, asked, missing, received: () => received };
}

async function filesOf(ids: readonly string[], options: ArchiveOptions): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for await (const { name, input } of listFiles(
    ids.map((id) => entry(id)),
    options,
  )) {
    const chunks: BlobPart[] = [];
    for await (const chunk of typeof input === "string" ? [input] : input) {
      chunks.push(chunk);
    }
    files[name] = await new Blob(chunks).text();
  }
  return files;
}

describe("the files of an archive", () => {
  it("are the originals with their sidecars", async () => {
    const { options, received } = setUp(download("a1", "a.jpg"), download("b1", "A.jpg"));

    expect(await filesOf(["a1", "b1"], options)).toEqual({
      "a.jpg": "/a1",
      "a.jpg.xmp": "xmp of a1",
      "A (2).jpg": "/b1",
      "A (2).jpg.xmp": "xmp of b1",
    });
    expect(received()).toBe(6);
  });

  it("include a list of the photos that are missing", async () => {
    const { options, missing, received } = setUp(download("a1", "a.jpg"), download("broken", "b.jpg"));

    expect(await filesOf(["gone", "broken", "a1"], options)).toEqual({
      "a.jpg": "/a1",
      "a.jpg.xmp": "xmp of a1",
      "missing-photos.txt": "gone.jpg: This photo is no longer in your library.\r\nb.jpg: It is broken.\r\n",
    });
    expect(missing.map(({ name }) => name)).toEqual(["gone.jpg", "b.jpg"]);
    expect(received()).toBe(9);
  });

  it("name a photo whose file is incomplete", async () => {
    const { options, missing, received } = setUp(download("c", "c.jpg"), download("empty", "e.jpg"));

    expect(Object.keys(await filesOf(["c", "empty"], options))).toEqual(["c.jpg", "c.jpg.xmp", "missing-photos.txt"]);
    expect(missing.map(({ name }) => name)).toEqual(["c.jpg", "e.jpg"]);
    expect(received()).toBe(6);
  });

  it("are requested in batches whose links don't expire", async () => {
    const { options, asked } = setUp();
    const many = [
      ...Array.from({ length: 150 }, (_, index) => entry(`${index}`)),
      entry("x", 200e6),
      entry("y", 200e6),
    ];

    for await (const file of listFiles(many, options)) {
      expect(file.name).toBe("missing-photos.txt");
    }

    expect(asked.map((ids) => ids.length)).toEqual([100, 51, 1]);
  });

  it("end with the error of a connection", async () => {
    const failing: typeof readOriginal = async function* () {
      yield text.encode("a");
      await Promise.reject(new TypeError("lost"));
    };
    const { options } = setUp(download("a1", "a.jpg"));

    const zip = makeArchive([entry("a1")], { ...options, read: failing });

    await expect(new Response(zip as ReadableStream<Uint8Array<ArrayBuffer>>).arrayBuffer()).rejects.toThrow("lost");
  });
});
