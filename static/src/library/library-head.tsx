// The top of the library: the photos of this day in earlier years, and how the list is sorted and shown.

import * as messages from "#messages/library";
import { FAVOURITES_PATH } from "../paths";
import { Icon } from "../ui/icon";
import { lazy } from "../ui/lazy";
import { Switch } from "../ui/switch";
import { DensitySwitch } from "./density-switch";
import type { Feed } from "./feed";
import { type LibraryOrder, libraryOrder, setLibraryOrder } from "./library-order";
import type { MonthCount } from "./scrubber-geometry";

const OnThisDay = lazy(() => import("./on-this-day"));

const ORDERS = [
  { value: "taken", label: messages.dateTaken },
  { value: "added", label: messages.dateAdded },
] as const;

export function LibraryHead({ feed, months }: { feed: Feed; months: readonly MonthCount[] }) {
  const hasPhotos = feed.images.value.length > 0;
  const sort = (order: LibraryOrder) => {
    setLibraryOrder(order);
    feed.reset();
    void feed.more();
  };
  return (
    <>
      <h1 class="hidden-text">{messages.library}</h1>
      {!feed.isEmpty.value && (
        <div class="library-view">
          <a
            class="button quiet icon-only library-favourites"
            href={FAVOURITES_PATH}
            aria-label={messages.favourites}
            title={messages.favourites}
          >
            <Icon name="heart" />
          </a>
          <DensitySwitch />
          <Switch label={messages.sortBy} value={libraryOrder.value} choices={ORDERS} onValue={sort} />
        </div>
      )}
      {hasPhotos && feed.order.value === "taken" && months.length > 1 && <OnThisDay months={months} />}
    </>
  );
}
