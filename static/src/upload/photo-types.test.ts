import { describe, expect, it } from "vitest";
import { ACCEPT, isNoPhoto, isPhotoType, mediaType, startsLikePhoto } from "./photo-types";

const bytes = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

describe("a file", () => {
  it.each([
    [{ name: "a.jpg", type: "image/jpeg" }, "image/jpeg"],
    [{ name: "IMG_1.HEIC", type: "" }, "image/heic"],
    [{ name: "a.HIF", type: "" }, "image/heif"],
    [{ name: "a.heics", type: "" }, "image/heic"],
    [{ name: "a.JFIF", type: "" }, "image/jpeg"],
    [{ name: "a.jpe", type: "" }, "image/jpeg"],
    [{ name: "a.jpg", type: "image/PNG" }, "image/png"],
    [{ name: "notes", type: "" }, ""],
  ])("%o has the media type %s", (named, type) => {
    expect(mediaType(named)).toBe(type);
  });

  it.each(["video/mp4", "text/html", "application/pdf", "image/svg+xml"])("of type %s is no photo", (type) => {
    expect(isNoPhoto(type)).toBe(true);
    expect(isPhotoType(type)).toBe(false);
  });

  it.each(["", "image/tiff", "application/octet-stream"])("of type %j may be a photo", (type) => {
    expect(isNoPhoto(type)).toBe(false);
    expect(isPhotoType(type)).toBe(false);
  });

  it.each(["image/heic-sequence", "image/pjpeg", "image/avif"])("of type %s is a photo", (type) => {
    expect(isPhotoType(type)).toBe(true);
  });

  it.each([
    "\xff\xd8\xff\xe0",
    "\x89PNG\r\n\x1a\n",
    "GIF89a",
    "RIFF\0\0\0\0WEBPVP8 ",
    "\0\0\0\x18ftypheic",
    "\0\0\0\x20ftypisom\0\0\0\0mif1avif",
  ])("that starts with %j can be a photo", (start) => {
    expect(startsLikePhoto(bytes(start))).toBe(true);
  });

  it.each(["", "RIFF\0\0\0\0WAVE", "\0\0\0\x18ftypisom\0\0\0\0mp42", "<html>", "II*\0"])(
    "that starts with %j is no photo",
    (start) => {
      expect(startsLikePhoto(bytes(start))).toBe(false);
    },
  );
});

it("can be chosen in the file picker", () => {
  for (const ending of [".hif", ".heics", ".jfif", ".jpe", ".jpg", "image/jpeg", "image/heic"]) {
    expect(ACCEPT.split(",")).toContain(ending);
  }
});
