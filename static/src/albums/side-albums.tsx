// The newest albums in the side bar.

import { useEffect } from "preact/hooks";
import * as messages from "#messages/pinned";
import { albums, watchAlbums } from "../library/albums";
import { albumPath } from "../paths";
import { underneath } from "../router";
import { PinnedLink } from "../ui/pinned-link";

const MAX_SHOWN = 5;

export default function SideAlbums() {
  useEffect(watchAlbums, []);
  const newest = (albums.value ?? []).slice(0, MAX_SHOWN);
  return (
    newest.length > 0 && (
      <ul class="pinned" aria-label={messages.newestAlbums}>
        {newest.map(({ id, title, images, cover }) => (
          <li key={id}>
            <PinnedLink
              href={albumPath(id)}
              name={title}
              label={messages.pinnedAlbum(title, images)}
              cover={cover}
              icon="album"
              count={images}
              isOpen={underneath.value.path === albumPath(id)}
            />
          </li>
        ))}
      </ul>
    )
  );
}
