import { describe, expect, it } from "vitest";
import { type Picture, readPicture, sizeRejection } from "./picture-limits";

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

const picture = (format: Picture["format"], width: number, height: number, isProgressive = false): Picture => ({
  format,
  width,
  height,
  isProgressive,
});

describe("the header of a picture", () => {
  it.each<[string, Uint8Array, Picture | null]>([
    [
      "baseline JPEG",
      bytes(SOI, segment(0xe1, ...Array(300).fill(0xff)), frame(0xc0, 600, 400)),
      picture("JPEG", 600, 400),
    ],
    ["progressive JPEG", bytes(SOI, segment(0xc4, 0), frame(0xc2, 600, 400)), picture("JPEG", 600, 400, true)],
    ["JPEG with fill bytes", bytes(SOI, [0xff, 0xff], frame(0xc1, 6, 4), [0]), picture("JPEG", 6, 4)],
    ["JPEG with a marker without a segment", bytes(SOI, [0xff, 0x01], frame(0xc0, 6, 4)), picture("JPEG", 6, 4)],
    ["JPEG that starts with its data", bytes(SOI, segment(0xda, 0), frame(0xc0, 6, 4)), null],
    ["JPEG with no marker", bytes(SOI, [1, 2, 3, 4]), null],
    ["JPEG that ends early", bytes(SOI, segment(0xe1, 0, 0).slice(0, 3)), null],
    ["PNG", png(70_000, 3), picture("PNG", 70_000, 3)],
    ["GIF", bytes(text("GIF89a"), little16(300), little16(2)), picture("GIF", 300, 2)],
    [
      "WebP",
      webp("VP8 ", 0, 0, 0, 0x9d, 0x01, 0x2a, ...little16(0x40_00 + 300), ...little16(2)),
      picture("WebP", 300, 2),
    ],
    ["lossless WebP", webp("VP8L", 0x2f, 0x2b, 0x41, 0x00, 0x00), picture("WebP", 300, 2)],
    ["extended WebP", webp("VP8X", 0, 0, 0, 0, ...little24(299), ...little24(1)), picture("WebP", 300, 2)],
    ["WebP with another chunk", webp("JUNK", ...Array(20).fill(0)), null],
    ["HEIC of tiles", heif(ispe(512, 512), ispe(4032, 3024), ispe(320, 240)), picture("HEIC or AVIF", 4032, 3024)],
    ["turned HEIC", heif(ispe(4032, 3024), irot(1)), picture("HEIC or AVIF", 3024, 4032)],
    ["HEIC that is upside down", heif(ispe(4032, 3024), irot(2)), picture("HEIC or AVIF", 4032, 3024)],
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

    expect(readPicture(buffer.subarray(5))).toEqual(picture("PNG", 3, 4));
  });
});

describe("a picture that is too large", () => {
  it.each([
    [bytes(SOI, frame(0xc0, 25_000, 10_000)), ""],
    [
      bytes(SOI, frame(0xc0, 25_000, 10_001)),
      "25,000 × 10,001 pixels (251 megapixels). The limit for JPEG files is 250",
    ],
    [bytes(SOI, frame(0xc2, 12_000, 9_000)), ""],
    [bytes(SOI, frame(0xc2, 12_000, 9_001)), "The limit for progressive JPEG files is 108 megapixels."],
    [png(10_000, 7_500), ""],
    [png(10_000, 7_501), "The limit for PNG files is 75 megapixels. Choose a smaller picture."],
    [heif(ispe(12_000, 9_000)), "The limit for HEIC or AVIF files is 75"],
    [bytes(text("not a picture")), ""],
  ])("is rejected with its size and the limit: %#", (header, reason) => {
    expect(sizeRejection(header)).toContain(reason);
    expect(sizeRejection(header) === "").toBe(reason === "");
  });
});
