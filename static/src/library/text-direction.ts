// The direction of the text, in which tiles follow each other.

export function isRightToLeft(): boolean {
  return document.documentElement.matches(":dir(rtl)");
}
