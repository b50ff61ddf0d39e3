// The grid of the library or a search, with the toolbar that edits the selected photos.

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import * as controls from "#messages/controls";
import * as messages from "#messages/library";
import { post } from "../api";
import { ActionButton } from "../ui/action-button";
import type { IconName } from "../ui/icon";
import { lazy } from "../ui/lazy";
import { useShortcuts } from "../ui/shortcuts";
import { type Batch, dryRunBulk } from "./bulk";
import type { EditKind } from "./edit-dialog";
import { FavouriteToggle, favourSelected, toggleFavourite } from "./favourite-toggle";
import type { Feed } from "./feed";
import { Grid } from "./grid";
import type { GridPlace } from "./grid-place";
import { atFocus, type Grab, Selectable } from "./selectable";
import { Selection } from "./selection";
import { SelectionBar } from "./selection-bar";

const EditDialog = lazy(() => import("./edit-dialog"));
const DownloadDialog = lazy(() => import("../download/download-dialog"));
const Menu = lazy(async () => ({ default: (await import("../ui/menu")).Menu }));

const EVERYTHING = "added>=1970"; // a query that matches every ready image
const COUNT_TIMEOUT_MS = 60_000;
const MAX_WITHOUT_DIALOG = 100; // the dialog shows the progress

interface Action {
  readonly kind: EditKind;
  readonly label: string;
  readonly icon: IconName;
  /** Whether narrow screens have it in a menu. */
  readonly isSecondary?: boolean;
}

const ACTIONS: readonly Action[] = [
  { kind: "album", label: messages.addToAlbum, icon: "album" },
  { kind: "share", label: controls.share, icon: "share" },
  { kind: "add", label: messages.addTags, icon: "add", isSecondary: true },
  { kind: "remove", label: messages.removeTags, icon: "minus", isSecondary: true },
  { kind: "rename", label: messages.renameATag, icon: "rename", isSecondary: true },
  { kind: "date", label: messages.changeDates, icon: "calendar", isSecondary: true },
  { kind: "trash", label: messages.moveToTrash, icon: "trash" },
];

interface EditableGridProps {
  readonly feed: Feed;
  readonly query: string;
  readonly place: GridPlace;
  /** The name of the whole list: `all results`. */
  readonly whole: string;
  /** Begins to move the selected photos. */
  readonly grab?: Grab | undefined;
  /** Further controls for the selected photos. */
  readonly children?: (selection: Selection) => ComponentChildren;
}

export function EditableGrid({ feed, query, place, whole, grab, children }: EditableGridProps) {
  const selection = useMemo(() => new Selection(feed, () => countAll(query)), [feed, query]);
  const kind = useSignal<EditKind | "download" | null>(null);
  const close = () => {
    kind.value = null;
  };
  const favour = () => {
    if (selection.whole.value || selection.size.value > MAX_WITHOUT_DIALOG) {
      kind.value = "favourite";
    } else {
      favourSelected(selection);
    }
  };
  const addToAlbum = () => {
    atFocus((id) => !selection.size.peek() && selection.toggle(id));
    if (selection.size.peek()) {
      kind.value = "album";
    }
  };
  useShortcuts([
    { key: "a", run: addToAlbum },
    { key: "f", run: () => (selection.size.value ? favour() : atFocus((id) => toggleFavourite(feed, id))) },
  ]);
  const favouriteLabel = selection.isFavourite.value ? messages.removeFavourites : messages.markFavourites;
  return (
    <>
      <SelectionBar
        selection={selection}
        whole={whole}
        onDelete={() => {
          kind.value = "trash";
        }}
      >
        <ActionButton
          label={favouriteLabel}
          icon="heart"
          kind="quiet"
          isIconOnly
          title={favouriteLabel}
          onClick={favour}
        />
        <ActionButton
          label={messages.download}
          icon="download"
          kind="quiet"
          isIconOnly
          onClick={() => {
            kind.value = "download";
          }}
        />
        <Actions
          onChoose={(chosen) => {
            kind.value = chosen;
          }}
        />
      </SelectionBar>
      {children?.(selection)}
      <Selectable selection={selection} control={(image) => <FavouriteToggle image={image} feed={feed} />} grab={grab}>
        <Grid feed={feed} place={place} />
      </Selectable>
      {kind.value === "download" && (
        <DownloadDialog
          source={selection.whole.value ? { query: query || EVERYTHING } : { images: selection.images.value }}
          onClose={close}
        />
      )}
      {kind.value && kind.value !== "download" && (
        <EditDialog kind={kind.value} selection={selection} onClose={close} />
      )}
    </>
  );
}

function Actions({ onChoose }: { onChoose: (kind: EditKind) => void }) {
  const items = ACTIONS.filter(({ isSecondary }) => isSecondary).map(({ kind, label, icon }) => ({
    label,
    icon,
    run: () => onChoose(kind),
    isOnlyNarrow: true,
  }));
  return (
    <>
      {ACTIONS.map(({ kind, label, icon, isSecondary }) => (
        <ActionButton
          key={kind}
          label={label}
          icon={icon}
          kind="quiet"
          class={isSecondary ? "selection-secondary" : ""}
          title={label}
          aria-label={label}
          onClick={() => onChoose(kind)}
        />
      ))}
      <div class="selection-more">
        <Menu label={controls.more} icon="more" class="button quiet icon-only" items={items} />
      </div>
    </>
  );
}

/** Count all images of the library or a search with a dry run. */
async function countAll(query: string) {
  const target = { query: query || EVERYTHING };
  const size = await dryRunBulk(
    target,
    (images: Batch) => post("/images/trash", { body: { images } }),
    AbortSignal.timeout(COUNT_TIMEOUT_MS),
  );
  return { target, size };
}
