// The albums of a photo, with a button that adds it to another one.

import { useEffect, useRef } from "preact/hooks";
import * as messages from "#messages/albums";
import { wordsFor } from "../http";
import { removeCall } from "../library/album-edits";
import { albums, watchAlbums } from "../library/albums";
import { applyBulk } from "../library/bulk";
import { forgetSearches } from "../library/feeds";
import { offerUndo } from "../library/undo";
import { albumPath } from "../paths";
import type { AlbumResponse, ImageDetails } from "../schemas";
import { ActionButton } from "../ui/action-button";
import { Cover } from "../ui/cover";
import { toast } from "../ui/toasts";
import { chooseAlbum } from "./add-to-album";
import type { Photo } from "./photo";

export function AlbumList({ photo, image }: { photo: Photo; image: ImageDetails }) {
  const add = useRef<HTMLButtonElement>(null);
  useEffect(watchAlbums, []);
  const listed = albums.value?.filter(({ id }) => image.albums.includes(id)) ?? [];
  const remove = async (album: AlbumResponse) => {
    await removeFrom(photo, album);
    add.current?.focus(); // the focused button was removed
  };
  return (
    <section class="panel-part" aria-labelledby="photo-albums">
      <h3 id="photo-albums">{messages.albums}</h3>
      {albums.value && listed.length === 0 && <p class="muted">{messages.inNoAlbum}</p>}
      {listed.length > 0 && (
        <ul class="photo-albums">
          {listed.map((album) => (
            <li key={album.id}>
              <a href={albumPath(album.id)}>
                <Cover cover={album.cover} icon="album" />
                <bdi>{album.title}</bdi>
              </a>
              <ActionButton
                label={messages.removeFromAlbum}
                name={messages.removeFrom(album.title)}
                icon="close"
                iconSize={16}
                kind="quiet"
                isIconOnly
                onClick={() => void remove(album)}
              />
            </li>
          ))}
        </ul>
      )}
      <ActionButton
        label={messages.addToAlbum}
        icon="album"
        size="wide"
        buttonRef={add}
        onClick={() => chooseAlbum(photo)}
      />
    </section>
  );
}

async function removeFrom(photo: Photo, { id, title }: AlbumResponse): Promise<void> {
  const { signal } = new AbortController();
  const update = () => {
    forgetSearches();
    return photo.load(signal);
  };
  try {
    const summary = await applyBulk({ ids: [photo.id] }, removeCall(id), { signal, onProgress: () => {} });
    const problem = [...summary.failures.keys(), summary.ended].filter(Boolean).join(" ");
    if (problem) {
      toast(problem, "failed");
      return;
    }
    offerUndo({
      operation: summary.operation,
      text: messages.photosRemoved(title)(1),
      size: summary.changed.length,
      onUndone: update,
    });
    await update();
  } catch (error) {
    toast(wordsFor(error), "failed");
  }
}
