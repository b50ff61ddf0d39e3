// The menu with the actions of an open photo that have no button in the toolbar.

import * as photoMessages from "#messages/photo";
import * as messages from "#messages/viewing";
import { Menu, type MenuItem } from "../ui/menu";
import { chooseAlbum } from "./add-to-album";
import { startDrawing } from "./box-draft";
import { enterFullView } from "./full-view";
import type { Photo } from "./photo";
import { copyPhotoLink } from "./photo-link";
import { startSlideshow } from "./slideshow";

export function MoreMenu({ photo }: { photo: Photo }) {
  const forReady: readonly MenuItem[] = [
    { icon: "album", label: messages.addToAlbum, run: () => chooseAlbum(photo) },
    { icon: "draw", label: photoMessages.drawBox, run: startDrawing, isOnlyNarrow: true },
  ];
  const items: readonly MenuItem[] = [
    { icon: "play", label: messages.slideshow, run: startSlideshow },
    { icon: "expand", label: messages.fullScreen, run: () => void enterFullView() },
    { icon: "link", label: messages.copyLink, run: () => void copyPhotoLink(photo.id) },
    ...(photo.details.value?.state === "ready" ? forReady : []),
  ];
  return <Menu label={messages.more} icon="more" class="stage-tool" items={items} />;
}
