// The top of the library: the photos of this day in earlier years, and how the list is sorted and shown.

import { lazy } from "../ui/lazy";
import { Switch } from "../ui/switch";
import { DensitySwitch } from "./density-switch";
import type { Feed } from "./feed";
import { type LibraryOrder, libraryOrder, setLibraryOrder } from "./library-order";
import type { MonthCount } from "./scrubber-geometry";

const OnThisDay = lazy(() => import("./on-this-day"));

const ORDERS = [
  { value: "taken", label: "Date taken" },
  { value: "added", label: "Date added" },
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
      <h1 class="hidden-text">Library</h1>
      {!feed.isEmpty.value && (
        <div class="library-view">
          <DensitySwitch />
          <Switch label="Sort by" value={libraryOrder.value} choices={ORDERS} onValue={sort} />
        </div>
      )}
      {hasPhotos && feed.order.value === "taken" && months.length > 1 && <OnThisDay months={months} />}
    </>
  );
}
