// The size of a picture in its file's header, and whether PixTag can show a picture of this size. Pure.

import * as messages from "#messages/upload";
import { baseBytes, kinds, maxBytes } from "./picture-limits.json";

type Kind = keyof typeof kinds;

export interface Picture {
  /** The kind with its limits; null if the header doesn't tell it, or if the picture is stored in tiles. */
  readonly kind: Kind | null;
  readonly width: number;
  readonly height: number;
}

/** The bytes at the start of a file that are read. JPEG files can have large EXIF data, previews and colour profiles. */
export const HEADER_BYTES = 2 ** 20;

const MAX_MEGAPIXELS = 75; // of the other kinds
const ANIMATION = 2; // flags of the chunk VP8X
const ALPHA = 16;
const LOSSLESS_ALPHA = 2 ** 28; // in the head of the chunk VP8L
const PNG = [0x89, 0x50, 0x4e, 0x47];
const MAX_BOXES_SIZE = 2 ** 16; // bytes in which the sizes of the pictures in a HEIC or AVIF file are

/**
 * Return why PixTag can't show a picture with this header; empty if it can, or if the header isn't known.
 * The limits are those of the API (detector/limits.py). Of a larger file, fewer pixels fit in its memory.
 */
export function sizeRejection(header: Uint8Array, fileBytes: number): string {
  const picture = readPicture(header);
  if (!picture) {
    return "";
  }
  const { kind, width, height } = picture;
  const most = mostPixels(kind, fileBytes);
  if (width * height <= most) {
    return "";
  }
  return messages.tooManyPixels(picture, Math.floor(most / 1e6));
}

function mostPixels(kind: Kind | null, fileBytes: number): number {
  if (!kind) {
    return MAX_MEGAPIXELS * 1e6;
  }
  const { megapixels, bytesPerPixel } = kinds[kind];
  const free = maxBytes - baseBytes - fileBytes;
  return Math.min(megapixels * 1e6, (free + 1) / bytesPerPixel);
}

/** Return the picture that a header describes; null if it describes none that is known here. */
export function readPicture(header: Uint8Array): Picture | null {
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  try {
    return readJpeg(view) ?? readPng(view) ?? readGif(view) ?? readWebp(view) ?? readHeif(view);
  } catch (error) {
    if (error instanceof RangeError) {
      return null; // the header ends early
    }
    throw error;
  }
}

function make(kind: Kind | null, width: number, height: number): Picture {
  return { kind, width, height };
}

/** Skip from segment to segment to the start of the frame. Source: ITU-T T.81, B.1.1. */
function readJpeg(view: DataView): Picture | null {
  if (view.getUint16(0) !== 0xff_d8) {
    return null;
  }
  for (let at = 2; ; ) {
    while (view.getUint8(at) === 0xff && view.getUint8(at + 1) === 0xff) {
      at += 1; // fill bytes
    }
    const marker = view.getUint8(at + 1);
    if (view.getUint8(at) !== 0xff || marker === 0xda || marker === 0xd9) {
      return null;
    }
    if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
      at += 2; // markers without a segment
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) {
      return make(frameKind(marker), view.getUint16(at + 7), view.getUint16(at + 5));
    }
    at += 2 + view.getUint16(at + 2);
  }
}

function frameKind(marker: number): Kind {
  return [0xc2, 0xc6, 0xca, 0xce].includes(marker) ? "progressiveJpeg" : "jpeg";
}

function readPng(view: DataView): Picture | null {
  const isPng = PNG.every((byte, index) => view.getUint8(index) === byte);
  return isPng ? make("png", view.getUint32(16), view.getUint32(20)) : null;
}

function readGif(view: DataView): Picture | null {
  return textAt(view, 0, 4) === "GIF8" ? make("gif", view.getUint16(6, true), view.getUint16(8, true)) : null;
}

/** Source: https://developers.google.com/speed/webp/docs/riff_container */
function readWebp(view: DataView): Picture | null {
  if (textAt(view, 0, 4) !== "RIFF" || textAt(view, 8, 4) !== "WEBP") {
    return null;
  }
  switch (textAt(view, 12, 4)) {
    case "VP8X":
      return make(
        extendedKind(view),
        1 + (view.getUint32(24, true) & 0xff_ff_ff),
        1 + (view.getUint32(26, true) >>> 8),
      );
    case "VP8 ":
      return make("webp", view.getUint16(26, true) & 0x3f_ff, view.getUint16(28, true) & 0x3f_ff);
    case "VP8L": {
      const bits = view.getUint32(21, true);
      const kind = bits & LOSSLESS_ALPHA ? "transparentWebp" : "losslessWebp";
      return make(kind, 1 + (bits & 0x3f_ff), 1 + ((bits >>> 14) & 0x3f_ff));
    }
    default:
      return null;
  }
}

/** Return the kind of a WebP with a chunk VP8X. The chunk of the pixels comes later; WebP if it isn't in the header. */
function extendedKind(view: DataView): Kind {
  const flags = view.getUint8(20);
  if (flags & ANIMATION) {
    return "animatedWebp";
  }
  if (flags & ALPHA) {
    return "transparentWebp";
  }
  for (let at = 30; at + 8 <= view.byteLength; at += 8 + evenLength(view.getUint32(at + 4, true))) {
    if (textAt(view, at, 4) === "VP8L" && at + 13 <= view.byteLength) {
      return view.getUint32(at + 9, true) & LOSSLESS_ALPHA ? "transparentWebp" : "losslessWebp";
    }
  }
  return "webp";
}

function evenLength(length: number): number {
  return length + (length % 2);
}

/**
 * Return the largest picture in the boxes `ispe`: a picture in tiles has one for itself and one for its tiles.
 * A box `irot` turns it by a number of quarters. Source: ISO/IEC 23008-12, 6.5.10.
 */
function readHeif(view: DataView): Picture | null {
  if (textAt(view, 4, 4) !== "ftyp") {
    return null;
  }
  const kind = heifKind(view);
  let largest: Picture | null = null;
  let isTurned = false;
  const end = Math.min(view.byteLength, MAX_BOXES_SIZE) - 20;
  for (let at = 0; at <= end; at += 1) {
    // The box: its length 20, "ispe", the version and flags 0, the width and the height.
    if (view.getUint32(at) === 20 && textAt(view, at + 4, 4) === "ispe" && view.getUint32(at + 8) === 0) {
      const found = make(kind, view.getUint32(at + 12), view.getUint32(at + 16));
      if (!largest || found.width * found.height > largest.width * largest.height) {
        largest = found;
      }
    }
    if (view.getUint32(at) === 9 && textAt(view, at + 4, 4) === "irot") {
      isTurned = (view.getUint8(at + 8) & 1) === 1;
    }
  }
  return largest && isTurned ? make(kind, largest.height, largest.width) : largest;
}

/** Return null for pictures in tiles, which the API decodes one by one, and if the codec is unknown. */
function heifKind(view: DataView): Kind | null {
  const text = textAt(view, 0, Math.min(view.byteLength, HEADER_BYTES));
  const [hevc, av1] = [text.indexOf("hvcC"), text.indexOf("av1C")];
  if (text.includes("grid") || hevc < 0 === av1 < 0) {
    return null;
  }
  if (av1 < 0) {
    return (view.getUint8(hevc + 21) & 7) > 0 ? "deepHeic" : "heic";
  }
  return (view.getUint8(av1 + 6) & 64) > 0 ? "deepAvif" : "avif";
}

function textAt(view: DataView, at: number, length: number): string {
  return new TextDecoder("latin1").decode(new Uint8Array(view.buffer, view.byteOffset + at, length));
}
