// All albums, the newest first.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import * as messages from "#messages/albums";
import * as controls from "#messages/controls";
import { formatPhotos } from "#messages/formats";
import { TitleDialog } from "../albums/title-dialog";
import { wordsFor } from "../http";
import { albums, createAlbum, readAlbums, watchAlbums } from "../library/albums";
import { normalize } from "../library/tag-names";
import { albumPath } from "../paths";
import { go } from "../router";
import type { AlbumResponse } from "../schemas";
import { ActionButton } from "../ui/action-button";
import { Cover } from "../ui/cover";
import { Field } from "../ui/field";
import { fill } from "../ui/fill";
import { Empty, Failed } from "../ui/notice";
import { Page } from "../ui/page";
import "../styles/albums.css";

const MIN_FILTERED = 12; // with fewer albums, looking is enough

export default function Albums() {
  const problem = useSignal("");
  const isNaming = useSignal(false);
  const load = async () => {
    problem.value = "";
    try {
      await readAlbums();
    } catch (error) {
      problem.value = wordsFor(error);
    }
  };
  useEffect(() => {
    void load();
    return watchAlbums();
  }, []);
  const create = (
    <ActionButton
      label={messages.newAlbum}
      icon="add"
      kind="primary"
      onClick={() => {
        isNaming.value = true;
      }}
    />
  );
  const isEmpty = albums.value?.length === 0;
  return (
    <Page title={messages.albums} lead={messages.albumsLead} actions={!isEmpty && create}>
      {albums.value ? (
        isEmpty ? (
          <Empty icon="album" title={messages.noAlbumsYet} actions={create}>
            <p>{fill(messages.noAlbumsText, <kbd>A</kbd>)}</p>
          </Empty>
        ) : (
          <AlbumCards all={albums.value} />
        )
      ) : problem.value ? (
        <Failed text={problem.value} onRetry={() => void load()} />
      ) : (
        <div class="albums-loading skeleton" role="status" aria-busy="true" aria-label={controls.loading} />
      )}
      {isNaming.value && (
        <TitleDialog
          heading={messages.newAlbum}
          action={messages.createAlbum}
          save={async (title) => go(albumPath((await createAlbum(title)).id))}
          onClose={() => {
            isNaming.value = false;
          }}
        />
      )}
    </Page>
  );
}

function AlbumCards({ all }: { all: readonly AlbumResponse[] }) {
  const filter = useSignal("");
  const shown = all.filter(({ title }) => normalize(title).includes(normalize(filter.value)));
  return (
    <>
      {all.length >= MIN_FILTERED && (
        <div class="album-filter">
          <Field
            label={messages.filterAlbums}
            value={filter.value}
            onValue={(text) => {
              filter.value = text;
            }}
            input={{ type: "search", autocomplete: "off", spellcheck: false }}
          />
        </div>
      )}
      {shown.length === 0 && <p class="muted">{messages.noMatchingAlbums}</p>}
      <ul class="album-cards" aria-label={messages.yourAlbums}>
        {shown.map(({ id, title, images, cover }) => (
          <li key={id}>
            <a class="album-card" href={albumPath(id)}>
              <Cover cover={cover && { id: cover.id, thumbnail: cover.large_thumbnail }} icon="album" iconSize={28} />
              <span class="album-title">
                <bdi>{title}</bdi>
                <span class="hidden-text">, </span>
              </span>
              <span class="album-size">{formatPhotos(images)}</span>
            </a>
          </li>
        ))}
      </ul>
    </>
  );
}
