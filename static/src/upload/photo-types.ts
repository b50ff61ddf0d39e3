// The types of photos. What the browser says about a file is a hint: the server decides by the bytes. Pure.

const TYPES: Readonly<Record<string, string>> = {
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  jpe: "image/jpeg",
  jfif: "image/jpeg",
  jif: "image/jpeg",
  jfi: "image/jpeg",
  pjpeg: "image/jpeg",
  pjp: "image/jpeg",
  png: "image/png",
  apng: "image/png",
  webp: "image/webp",
  gif: "image/gif",
  heic: "image/heic",
  heics: "image/heic",
  heif: "image/heif",
  heifs: "image/heif",
  hif: "image/heif",
  avif: "image/avif",
  avifs: "image/avif",
};
const ALIASES = ["image/jpg", "image/pjpeg", "image/heic-sequence", "image/heif-sequence", "image/avif-sequence"];
const NO_PHOTO =
  /^(audio|chemical|font|message|model|multipart|text|video)\/|^image\/svg|^application\/(pdf|json|xml|zip|gzip|msword|rtf)$/;
const BRANDS = /(avi[fos]|he[iv][cxms]|hevx|mi[fa][1f2]|msf1|MA1[AB]|1pic)/;
const SIGNATURES = ["\xff\xd8\xff", "\x89PNG\r\n\x1a\n", "GIF87a", "GIF89a"];

/** How many bytes of a file `startsLikePhoto` needs. */
export const START_BYTES = 512;

/** The `accept` attribute of file inputs. Browsers ignore the case of endings. */
export const ACCEPT = [
  ...new Set([...Object.values(TYPES), ...ALIASES]),
  ...Object.keys(TYPES).map((ending) => `.${ending}`),
].join();

/** Return a file's media type, from its ending if the browser doesn't know it (often HEIC); empty if neither does. */
export function mediaType({ name, type }: { readonly name: string; readonly type: string }): string {
  return type.toLowerCase() || (TYPES[name.split(".").at(-1)?.toLowerCase() ?? ""] ?? "");
}

/** Whether a media type certainly doesn't belong to a photo. */
export function isNoPhoto(type: string): boolean {
  return NO_PHOTO.test(type);
}

/** Whether a media type belongs to a photo that PixTag can show. */
export function isPhotoType(type: string): boolean {
  return Object.values(TYPES).includes(type) || ALIASES.includes(type);
}

/** Whether a file that starts with these bytes can be a photo. */
export function startsLikePhoto(start: Uint8Array): boolean {
  const text = String.fromCharCode(...start.subarray(0, START_BYTES));
  return (
    SIGNATURES.some((signature) => text.startsWith(signature)) ||
    (text.startsWith("RIFF") && text.slice(8, 12) === "WEBP") ||
    (text.slice(4, 8) === "ftyp" && BRANDS.test(text))
  );
}
