// The size of a picture in its file's header, and whether PixTag can show a picture of this size. Pure.

import * as messages from "#messages/upload";

export interface Picture {
  readonly format: "JPEG" | "PNG" | "GIF" | "WebP" | "HEIC or AVIF";
  readonly width: number;
  readonly height: number;
  readonly isProgressive: boolean;
}

/** The bytes at the start of a file that are read. JPEG files can have large EXIF data, previews and colour profiles. */
export const HEADER_BYTES = 2 ** 20;

const MAX_PIXELS = 75e6;
const MAX_BASELINE_PIXELS = 250e6;
const MAX_PROGRESSIVE_PIXELS = 108e6;
const PNG = [0x89, 0x50, 0x4e, 0x47];
const MAX_BOXES_SIZE = 2 ** 16; // bytes in which the sizes of the pictures in a HEIC or AVIF file are

/** Return why PixTag can't show a picture with this header; empty if it can, or if the header isn't known. */
export function sizeRejection(header: Uint8Array): string {
  const picture = readPicture(header);
  if (!picture) {
    return "";
  }
  const { format, width, height, isProgressive } = picture;
  const isJpeg = format === "JPEG";
  const most = isJpeg ? (isProgressive ? MAX_PROGRESSIVE_PIXELS : MAX_BASELINE_PIXELS) : MAX_PIXELS;
  if (width * height <= most) {
    return "";
  }
  return messages.tooManyPixels(picture, most / 1e6);
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

function make(format: Picture["format"], width: number, height: number, isProgressive = false): Picture {
  return { format, width, height, isProgressive };
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
      const isProgressive = [0xc2, 0xc6, 0xca, 0xce].includes(marker);
      return make("JPEG", view.getUint16(at + 7), view.getUint16(at + 5), isProgressive);
    }
    at += 2 + view.getUint16(at + 2);
  }
}

function readPng(view: DataView): Picture | null {
  const isPng = PNG.every((byte, index) => view.getUint8(index) === byte);
  return isPng ? make("PNG", view.getUint32(16), view.getUint32(20)) : null;
}

function readGif(view: DataView): Picture | null {
  return textAt(view, 0, 4) === "GIF8" ? make("GIF", view.getUint16(6, true), view.getUint16(8, true)) : null;
}

/** Source: https://developers.google.com/speed/webp/docs/riff_container */
function readWebp(view: DataView): Picture | null {
  if (textAt(view, 0, 4) !== "RIFF" || textAt(view, 8, 4) !== "WEBP") {
    return null;
  }
  switch (textAt(view, 12, 4)) {
    case "VP8X":
      return make("WebP", 1 + (view.getUint32(24, true) & 0xff_ff_ff), 1 + (view.getUint32(26, true) >>> 8));
    case "VP8 ":
      return make("WebP", view.getUint16(26, true) & 0x3f_ff, view.getUint16(28, true) & 0x3f_ff);
    case "VP8L": {
      const bits = view.getUint32(21, true);
      return make("WebP", 1 + (bits & 0x3f_ff), 1 + ((bits >>> 14) & 0x3f_ff));
    }
    default:
      return null;
  }
}

/**
 * Return the largest picture in the boxes `ispe`: a picture in tiles has one for itself and one for its tiles.
 * A box `irot` turns it by a number of quarters. Source: ISO/IEC 23008-12, 6.5.10.
 */
function readHeif(view: DataView): Picture | null {
  if (textAt(view, 4, 4) !== "ftyp") {
    return null;
  }
  let largest: Picture | null = null;
  let isTurned = false;
  const end = Math.min(view.byteLength, MAX_BOXES_SIZE) - 20;
  for (let at = 0; at <= end; at += 1) {
    // The box: its length 20, "ispe", the version and flags 0, the width and the height.
    if (view.getUint32(at) === 20 && textAt(view, at + 4, 4) === "ispe" && view.getUint32(at + 8) === 0) {
      const found = make("HEIC or AVIF", view.getUint32(at + 12), view.getUint32(at + 16));
      if (!largest || found.width * found.height > largest.width * largest.height) {
        largest = found;
      }
    }
    if (view.getUint32(at) === 9 && textAt(view, at + 4, 4) === "irot") {
      isTurned = (view.getUint8(at + 8) & 1) === 1;
    }
  }
  return largest && isTurned ? make(largest.format, largest.height, largest.width) : largest;
}

function textAt(view: DataView, at: number, length: number): string {
  return String.fromCharCode(...new Uint8Array(view.buffer, view.byteOffset + at, length));
}
