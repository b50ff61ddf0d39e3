import { describe, expect, it } from "vitest";
import { within } from "./dropped-files";

const PAGE = 100; // as browsers have it

function entry(name: string, type = "image/png"): FileSystemEntry {
  const file = (take: (file: File) => void) => take(new File(["x"], name, { type }));
  return { name, isDirectory: false, file } as unknown as FileSystemEntry;
}

function unreadable(name: string): FileSystemEntry {
  const file = (_: unknown, fail: (error: Error) => void) => fail(new Error("gone"));
  return { name, isDirectory: false, file } as unknown as FileSystemEntry;
}

function folder(...children: FileSystemEntry[]): FileSystemEntry {
  const createReader = () => {
    const left = [...children];
    return { readEntries: (take: (some: FileSystemEntry[]) => void) => take(left.splice(0, PAGE)) };
  };
  return { isDirectory: true, createReader } as unknown as FileSystemEntry;
}

const names = async (...entries: FileSystemEntry[]) => (await within(entries)).map(({ name }) => name);

describe("what is dropped", () => {
  it("has the files of folders, and of the folders in them", async () => {
    expect(await names(entry("a.png"), folder(entry("b.png"), folder(entry("c.png"))))).toEqual([
      "a.png",
      "b.png",
      "c.png",
    ]);
  });

  it("has all files of a folder with more than the browser tells at a time", async () => {
    const many = Array.from({ length: 250 }, (_, index) => entry(`${index}.png`));

    expect(await names(folder(...many))).toHaveLength(250);
  });

  it("has, of a folder, the photographs alone", async () => {
    const beside = entry("notes.txt", "text/plain");

    expect(await names(folder(beside, entry("IMG.HEIC", "")))).toEqual(["IMG.HEIC"]);
    expect(await names(beside)).toEqual(["notes.txt"]);
  });

  it("has what can be read", async () => {
    expect(await names(unreadable("a.png"), entry("b.png"))).toEqual(["b.png"]);
  });
});
