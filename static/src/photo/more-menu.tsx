// The menu with the actions of an open photo that have no button in the toolbar.

import * as controls from "#messages/controls";
import * as photoMessages from "#messages/photo";
import * as messages from "#messages/viewing";
import { Menu, type MenuItem } from "../ui/menu";
import { chooseAlbum } from "./add-to-album";
import { startDrawing } from "./box-draft";
import { enterFullView } from "./full-view";
import type { Photo } from "./photo";
import { copyPhotoLink } from "./photo-link";
import { sharePhoto } from "./share-photo";
import { startSlideshow } from "./slideshow";

export function MoreMenu({ photo }: { photo: Photo }) {
  const forReady: readonly MenuItem[] = [
    { icon: "album", label: messages.addToAlbum, run: () => chooseAlbum(photo) },
    { icon: "draw", label: photoMessages.drawBox, run: startDrawing, isOnlyNarrow: true },
  ];
  const isReady = photo.details.value?.state === "ready";
  const share: MenuItem = { icon: "share", label: controls.share, run: () => sharePhoto(photo) };
  const items: readonly MenuItem[] = [
    ...(isReady ? [share] : []),
    { icon: "play", label: messages.slideshow, run: startSlideshow },
    { icon: "expand", label: messages.fullScreen, run: () => void enterFullView() },
    { icon: "link", label: messages.copyLink, run: () => void copyPhotoLink(photo.id) },
    ...(isReady ? forReady : []),
  ];
  return <Menu label={controls.more} icon="more" class="stage-tool" items={items} />;
}
