// The titles of the albums in a query, which may contain only their ids.

import * as messages from "#messages/results";
import { albums } from "../library/albums";

const MARK = /^:(album|title) (.*)$/su;

/** Return the title of the album of a mark; null for other marks, and while the albums are being read. */
export function titleOf(mark: string): string | null {
  const [, kind, text = ""] = MARK.exec(mark) ?? [];
  if (kind !== "album") {
    return kind ? text : null;
  }
  return albums.value && (albums.value.find(({ id }) => id === text)?.title ?? messages.deletedAlbum);
}
