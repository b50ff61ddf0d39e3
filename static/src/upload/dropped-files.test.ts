import { describe, expect, it } from "vitest";
import { filesIn, photosIn } from "./dropped-files";

const PAGE = 100; // entries per call, as in browsers

function entry(name: string, type = "image/png"): FileSystemEntry {
  const file = (take: (file: File) => void) => take(new File(["x"], name, { type }));
  return { name, isDirectory: false, file } as unknown as FileSystemEntry;
}

function file(name: string, text: string): FileSystemEntry {
  const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  const read = (take: (file: File) => void) => take(new File([bytes], name));
  return { name, isDirectory: false, file: read } as unknown as FileSystemEntry;
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

const names = async (...entries: FileSystemEntry[]) => (await filesIn(entries)).map(({ name }) => name);

describe("a drop", () => {
  it("includes files in folders and subfolders", async () => {
    expect(await names(entry("a.png"), folder(entry("b.png"), folder(entry("c.png"))))).toEqual([
      "a.png",
      "b.png",
      "c.png",
    ]);
  });

  it("includes all files of a large folder", async () => {
    const many = Array.from({ length: 250 }, (_, index) => entry(`${index}.png`));

    expect(await names(folder(...many))).toHaveLength(250);
  });

  it("includes only photos from a folder", async () => {
    const notes = entry("notes.txt", "text/plain");

    expect(await names(folder(notes, entry("IMG.HEIC", "")))).toEqual(["IMG.HEIC"]);
    expect(await names(notes)).toEqual(["notes.txt"]);
  });

  it("includes files from a folder whose bytes are a photo's", async () => {
    const unnamed = file("IMG_0001", "\xff\xd8\xff\xe0");
    const unknown = file("b.x", "RIFF\0\0\0\0WAVE");

    expect(await names(folder(unnamed, unknown, entry("c.HIF", ""), entry("d.mp4", "video/mp4")))).toEqual([
      "IMG_0001",
      "c.HIF",
    ]);
    expect((await photosIn([new File(["x"], "e.jfif"), new File(["x"], "f")])).map(({ name }) => name)).toEqual([
      "e.jfif",
    ]);
  });

  it("skips unreadable files", async () => {
    expect(await names(unreadable("a.png"), entry("b.png"))).toEqual(["b.png"]);
  });
});
