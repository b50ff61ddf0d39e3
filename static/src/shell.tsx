// The frame of all screens after signing in: the bar with the search box, the navigation, the uploads.

import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import * as messages from "#messages/app";
import { ConnectionNotice } from "./connection-notice";
import { watchPending } from "./library/feeds";
import { StorageNotice } from "./library/storage-notice";
import { UndoButton, UndoProgress } from "./library/undo-button";
import { WorkerNotice } from "./library/worker-notice";
import { ALBUMS_PATH, FAVOURITES, FAVOURITES_PATH, type Screen, SHARED_LINKS_PATH } from "./paths";
import { go, libraryQuery } from "./router";
import { SearchBox } from "./search/search-box";
import { account } from "./session";
import { Icon, type IconName, Mark } from "./ui/icon";
import { lazy, lazyExtra } from "./ui/lazy";
import { showShortcuts, useShortcuts } from "./ui/shortcuts";
import { queue } from "./upload/arrival";
import { DropTarget, FilePicker, pickFiles, UploadButton } from "./upload/picker";

const SideAlbums = lazyExtra(() => import("./albums/side-albums"));
const Pinned = lazyExtra(() => import("./alerts/pinned"));
const UploadPanel = lazy(() => import("./upload/panel"));

const PLACES: readonly {
  readonly screen: Screen;
  readonly path: string;
  readonly label: string;
  readonly icon: IconName;
}[] = [
  { screen: "library", path: "/", label: messages.library, icon: "photos" },
  { screen: "library", path: FAVOURITES_PATH, label: messages.favourites, icon: "heart" },
  { screen: "collections", path: ALBUMS_PATH, label: messages.albums, icon: "album" },
  { screen: "find", path: "/find", label: messages.find, icon: "find" },
  { screen: "labels", path: "/labels", label: messages.tags, icon: "tag" },
  { screen: "check", path: "/check", label: messages.review, icon: "check" },
  { screen: "copies", path: "/copies", label: messages.duplicates, icon: "copies" },
  { screen: "alerts", path: "/alerts", label: messages.saved, icon: "pin" },
  { screen: "shared-links", path: SHARED_LINKS_PATH, label: messages.shared, icon: "share" },
  { screen: "trash", path: "/trash", label: messages.trash, icon: "trash" },
];

export function Shell({ screen, children }: { screen: Screen; children: ComponentChildren }) {
  useShortcuts([
    { key: "u", run: pickFiles },
    { key: "l", run: () => go("/") },
    { key: "t", run: () => go("/labels") },
  ]);
  useEffect(watchPending, []);
  const isFavourites = screen === "library" && libraryQuery.value === FAVOURITES;
  const listed = screen === "album" ? "collections" : screen;
  const here = isFavourites ? FAVOURITES_PATH : PLACES.find((item) => item.screen === listed)?.path;
  return (
    <div class="shell">
      <a class="skip" href="#main">
        {messages.skipToContent}
      </a>
      <header class="bar">
        <a class="bar-home" href="/" aria-label={messages.home}>
          <Mark />
          <span class="bar-name">PixTag</span>
        </a>
        <SearchBox />
        <div class="bar-actions">
          <UndoButton />
          <UploadButton />
          <a
            class="avatar"
            href="/account"
            aria-label={messages.accountOf(initials()).trim()}
            aria-current={screen === "account" ? "page" : undefined}
          >
            {initials() || <Icon name="person" />}
          </a>
        </div>
      </header>
      <nav class="side" aria-label={messages.main}>
        <ul>
          {PLACES.map(({ path, label, icon }) => (
            <li key={path} data-place={path}>
              <a class="side-link" href={path} aria-current={path === here ? "page" : undefined}>
                <Icon name={icon} size={22} />
                <span>{label}</span>
              </a>
            </li>
          ))}
        </ul>
        <div class="side-lists">
          <SideAlbums />
          <Pinned />
        </div>
        <button type="button" class="side-link side-shortcuts" onClick={showShortcuts}>
          <Icon name="keyboard" size={22} />
          <span>{messages.shortcuts}</span>
        </button>
      </nav>
      <main id="main" class="main" tabIndex={-1}>
        <ConnectionNotice />
        <StorageNotice />
        <WorkerNotice isShown={screen === "library" || queue.value.length > 0} />
        {children}
      </main>
      <FilePicker />
      <UploadPanel />
      <DropTarget />
      <UndoProgress />
    </div>
  );
}

function initials(): string {
  const { given_name: given = "", family_name: family = "" } = account.value ?? {};
  return `${given.slice(0, 1)}${family.slice(0, 1)}`.toUpperCase();
}
