import { describe, expect, it } from "vitest";
import { type Picture, readPicture, sizeRejection } from "./picture-limits";
import limits from "./picture-limits.json";

const text = (letters: string) => Array.from(letters, (letter) => letter.charCodeAt(0));
const big16 = (value: number) => [value >>> 8, value & 0xff];
const big32 = (value: number) => [...big16(value >>> 16), ...big16(value & 0xff_ff)];
const little16 = (value: number) => big16(value).reverse();
const little24 = (value: number) => big32(value).reverse().slice(0, 3);
const bytes = (...parts: readonly number[][]) => Uint8Array.from(parts.flat());

const SOI = [0xff, 0xd8];
const segment = (marker: number, ...content: number[]) => [0xff, marker, ...big16(content.length + 2), ...content];
const frame = (marker: number, width: number, height: number) =>
  segment(marker, 8, ...big16(height), ...big16(width), 3);
const ispe = (width: number, height: number) => [
  ...big32(20),
  ...text("ispe"),
  0,
  0,
  0,
  0,
  ...big32(width),
  ...big32(height),
];
const irot = (quarters: number) => [...big32(9), ...text("irot"), quarters, ...Array(12).fill(0)];
const webp = (chunk: string, ...content: number[]) =>
  bytes(text("RIFF"), [0, 0, 0, 0], text("WEBP"), text(chunk), [0, 0, 0, 0], content);
const heif = (...boxes: number[][]) => bytes([0, 0, 0, 24], text("ftypheic"), Array(12).fill(0), ...boxes, [0, 0]);
const png = (width: number, height: number) =>
  bytes([0x89, ...text("PNG"), 13, 10, 26, 10], [0, 0, 0, 13], text("IHDR"), big32(width), big32(height));

const picture = (kind: Picture["kind"], width: number, height: number): Picture => ({ kind, width, height });
const fromHex = (hex: string) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
const MB = 1e6;

describe("the header of a picture", () => {
  it.each<[string, Uint8Array, Picture | null]>([
    [
      "baseline JPEG",
      bytes(SOI, segment(0xe1, ...Array(300).fill(0xff)), frame(0xc0, 600, 400)),
      picture("jpeg", 600, 400),
    ],
    ["progressive JPEG", bytes(SOI, segment(0xc4, 0), frame(0xc2, 600, 400)), picture("progressiveJpeg", 600, 400)],
    ["JPEG with fill bytes", bytes(SOI, [0xff, 0xff], frame(0xc1, 6, 4), [0]), picture("jpeg", 6, 4)],
    ["JPEG with a marker without a segment", bytes(SOI, [0xff, 0x01], frame(0xc0, 6, 4)), picture("jpeg", 6, 4)],
    ["JPEG that starts with its data", bytes(SOI, segment(0xda, 0), frame(0xc0, 6, 4)), null],
    ["JPEG with no marker", bytes(SOI, [1, 2, 3, 4]), null],
    ["JPEG that ends early", bytes(SOI, segment(0xe1, 0, 0).slice(0, 3)), null],
    ["PNG", png(70_000, 3), picture("png", 70_000, 3)],
    ["GIF", bytes(text("GIF89a"), little16(300), little16(2)), picture("gif", 300, 2)],
    [
      "WebP",
      webp("VP8 ", 0, 0, 0, 0x9d, 0x01, 0x2a, ...little16(0x40_00 + 300), ...little16(2)),
      picture("webp", 300, 2),
    ],
    ["lossless WebP", webp("VP8L", 0x2f, 0x2b, 0x41, 0x00, 0x00), picture("losslessWebp", 300, 2)],
    ["extended WebP", webp("VP8X", 0, 0, 0, 0, ...little24(299), ...little24(1)), picture("webp", 300, 2)],
    ["WebP with another chunk", webp("JUNK", ...Array(20).fill(0)), null],
    ["HEIC of tiles", heif(ispe(512, 512), ispe(4032, 3024), ispe(320, 240)), picture(null, 4032, 3024)],
    ["turned HEIC", heif(ispe(4032, 3024), irot(1)), picture(null, 3024, 4032)],
    ["HEIC that is upside down", heif(ispe(4032, 3024), irot(2)), picture(null, 4032, 3024)],
    ["HEIC without a size", heif(), null],
    ["text", bytes(text("<!doctype html><title>No picture</title>")), null],
    ["nothing", bytes(), null],
  ])("of a %s has its size", (_, header, expected) => {
    expect(readPicture(header)).toEqual(expected);
  });

  it("can begin anywhere in a buffer", () => {
    const header = png(3, 4);
    const buffer = new Uint8Array(header.length + 5);
    buffer.set(header, 5);

    expect(readPicture(buffer.subarray(5))).toEqual(picture("png", 3, 4));
  });
});

describe("the kind of a picture", () => {
  it.each(limits.cases)("is that of the API: $kind", ({ kind, header }) => {
    const full = fromHex(header);

    expect(readPicture(full)).toEqual(picture(kind as Picture["kind"], 9000, 7000));
  });

  it.each<[string, Uint8Array, Picture["kind"]]>([
    ["HEIC in tiles", heif(text("infegrid"), text("hvcC"), ispe(6, 4)), null],
    ["file with two codecs", heif(text("hvcCav1C"), ispe(6, 4)), null],
    [
      "transparent lossless WebP with a profile",
      webp("VP8X", ...Array(10).fill(0), ...text("VP8L"), 5, 0, 0, 0, 0x2f, 0, 0, 0, 0x10),
      "transparentWebp",
    ],
    ["WebP with a long profile", webp("VP8X", ...Array(10).fill(0), ...text("ICCP"), 1, 0, 0, 0), "webp"],
    ["WebP that ends early", webp("VP8X", ...Array(10).fill(0), ...text("VP8L"), 5, 0, 0, 0, 0x2f), "webp"],
  ])("of a %s is as far as it is known", (_, header, kind) => {
    expect(readPicture(header)?.kind).toBe(kind);
  });
});

describe("a picture that is too large", () => {
  it.each<[Uint8Array, number, string]>([
    [bytes(SOI, frame(0xc0, 25_000, 10_000)), 200 * MB, ""],
    [
      bytes(SOI, frame(0xc0, 25_000, 10_001)),
      MB,
      "25,000 × 10,001 pixels (251 megapixels). The limit for JPEG files is 250",
    ],
    [bytes(SOI, frame(0xc2, 12_000, 9_000)), 200 * MB, ""],
    [bytes(SOI, frame(0xc2, 12_000, 9_001)), MB, "The limit for progressive JPEG files is 108 megapixels."],
    [png(10_000, 7_500), 200 * MB, ""],
    [png(10_000, 7_501), MB, "The limit for PNG files is 75 megapixels. Choose a smaller picture."],
    [heif(ispe(12_000, 9_000)), MB, "The limit for HEIC or AVIF files is 75"],
    [bytes(text("not a picture")), MB, ""],
  ])("is rejected with its size and the limit: %#", (header, size, reason) => {
    expect(sizeRejection(header, size)).toContain(reason);
    expect(sizeRejection(header, size) === "").toBe(reason === "");
  });

  it.each([
    ["losslessWebp", "lossless WebP", 55],
    ["transparentWebp", "transparent WebP", 50],
    ["deepHeic", "10-bit HEIC", 46],
    ["avif", "AVIF", 42],
    ["deepAvif", "10-bit AVIF", 30],
    ["animatedWebp", "animated WebP", 23],
  ])("for the memory of the API is rejected: %s", (kind, label, limit) => {
    const header = fromHex(limits.cases.find((each) => each.kind === kind)?.header ?? "");

    expect(sizeRejection(header, 0)).toContain(`The limit for ${label} files is ${limit} megapixels.`);
  });

  it("depends on the bytes of the file", () => {
    const header = fromHex(limits.cases.find((each) => each.kind === "heic")?.header ?? "");

    expect(sizeRejection(header, 93 * MB)).toBe("");
    expect(sizeRejection(header, 94 * MB)).toContain("The limit for HEIC files is 62 megapixels.");
  });
});
