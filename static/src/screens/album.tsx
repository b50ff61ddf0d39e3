// An album: its photos in its order.

import { type Signal, useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import * as messages from "#messages/albums";
import * as frame from "#messages/app";
import { AlbumHead } from "../albums/album-head";
import { AlbumTools } from "../albums/album-tools";
import { Arrangement } from "../albums/arrangement";
import { startDragMove } from "../albums/drag-move";
import type { DropPlace } from "../albums/drop-place";
import { moveBefore } from "../albums/hand-order";
import { Problem, wordsFor } from "../http";
import { type AlbumPhotos, openAlbum } from "../library/album-feed";
import { albumQuery, albums, readAlbum, readAlbumsQuietly } from "../library/albums";
import { EditableGrid } from "../library/editable-grid";
import { watchChanges } from "../library/feeds";
import { GridSkeleton } from "../library/grid";
import { GridPlace } from "../library/grid-place";
import { useKeptPlace } from "../library/kept-place";
import type { Grab } from "../library/selectable";
import { ALBUMS_PATH, screenOf } from "../paths";
import { place as current } from "../router";
import type { AlbumResponse } from "../schemas";
import { fill } from "../ui/fill";
import { Empty, Failed } from "../ui/notice";
import "../styles/albums.css";

const CHANGE_MS = 1000; // several changes are read together

export default function AlbumScreen({ id }: { id: string }) {
  const album = useSignal<AlbumResponse | null>(albums.peek()?.find((listed) => listed.id === id) ?? null);
  const problem = useSignal("");
  const isMissing = useSignal(false);
  const load = async () => {
    try {
      album.value = await readAlbum(id);
      problem.value = "";
    } catch (error) {
      isMissing.value = error instanceof Problem && error.status === 404;
      problem.value = wordsFor(error);
      isMissing.value && readAlbumsQuietly(); // the side bar may still list it
    }
  };
  useEffect(() => void load(), []);
  useEffect(
    () =>
      watchChanges(() => {
        const timer = setTimeout(() => void load(), CHANGE_MS);
        return () => clearTimeout(timer);
      }),
    [],
  );
  useSignalEffect(() => {
    if (album.value && screenOf(current.value.path) === "album") {
      document.title = frame.titleOf(album.value.title);
    }
  });
  if (isMissing.value) {
    return <MissingAlbum />;
  }
  if (!album.value) {
    return problem.value ? <Failed text={problem.value} onRetry={() => void load()} /> : <GridSkeleton />;
  }
  return <Photos key={album.value.order} album={album as Signal<AlbumResponse>} />;
}

function MissingAlbum() {
  const link = (
    <a class="button" href={ALBUMS_PATH}>
      {messages.showAllAlbums}
    </a>
  );
  return (
    <Empty icon="album" title={messages.albumNotFound} actions={link}>
      <p>{messages.albumNotFoundText}</p>
    </Empty>
  );
}

function Photos({ album }: { album: Signal<AlbumResponse> }) {
  const { id, order } = album.value;
  const photos = useMemo(() => openAlbum(id, order), []);
  const { feed } = photos;
  const place = useMemo(() => new GridPlace(), []);
  const isReopening = useKeptPlace(feed, place).value;
  useEffect(() => photos.watch(), []);
  const isWhole = feed.status.value === "end";
  const show = (after: AlbumResponse) => {
    album.value = after;
  };
  return (
    <>
      <AlbumHead
        album={album.value}
        size={isWhole ? feed.images.value.length : Math.max(feed.images.value.length, album.value.images)}
        onAlbum={show}
      />
      {isReopening ? <GridSkeleton /> : <Content album={album} photos={photos} place={place} onAlbum={show} />}
    </>
  );
}

interface ContentProps {
  readonly album: Signal<AlbumResponse>;
  readonly photos: AlbumPhotos;
  readonly place: GridPlace;
  readonly onAlbum: (album: AlbumResponse) => void;
}

function Content({ album, photos, place, onAlbum }: ContentProps) {
  const { feed } = photos;
  const arrangement = useMemo(() => new Arrangement(photos, album), []);
  const line = useSignal<DropPlace | null>(null);
  const isByHand = album.value.order === "hand";
  const grab: Grab = (start, holder, selection) =>
    startDragMove(
      start,
      holder,
      selection,
      (drawn) => {
        line.value = drawn;
      },
      (before, top) => {
        const ids = selection.images.peek().map((image) => image.id);
        const moved = new Set(ids);
        // The photos stay under the pointer, even if the list is scrolled.
        const keepPlace = () => {
          place.targetTop = top;
          place.target.value = ids[0] ?? "";
        };
        void arrangement.move(moved, (order) => moveBefore(order, moved, before), keepPlace);
      },
    );
  if (feed.isEmpty.value) {
    return <EmptyAlbum />;
  }
  if (feed.status.value === "failed" && feed.images.value.length === 0) {
    return <Failed text={feed.problem.value} onRetry={() => void feed.more()} />;
  }
  if (feed.images.value.length === 0) {
    return <GridSkeleton />;
  }
  return (
    <div class="album-photos">
      <EditableGrid
        feed={feed}
        query={albumQuery(album.value.id)}
        place={place}
        whole={messages.theWholeAlbum}
        grab={isByHand ? grab : undefined}
      >
        {(selection) => (
          <AlbumTools
            album={album.value}
            selection={selection}
            onAlbum={onAlbum}
            move={isByHand ? (...args) => arrangement.move(...args) : null}
          />
        )}
      </EditableGrid>
      {feed.status.value === "failed" && <Failed text={feed.problem.value} onRetry={() => void feed.more()} />}
      {line.value && <DropLine place={line.value} />}
    </div>
  );
}

/** The line at the place where the dragged photos go. */
function DropLine({ place: { left, top, height } }: { place: DropPlace }) {
  return <div class="drop-line" style={{ insetInlineStart: `${left}px`, top: `${top}px`, height: `${height}px` }} />;
}

function EmptyAlbum() {
  const link = (
    <a class="button" href="/">
      {messages.goToLibrary}
    </a>
  );
  return (
    <Empty icon="album" title={messages.emptyAlbum} actions={link}>
      <p>{fill(messages.emptyAlbumText, <kbd>A</kbd>)}</p>
    </Empty>
  );
}
