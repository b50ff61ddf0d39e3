// The top of the library: the photos of this day in earlier years, and the order of the list.

import { lazy } from "../ui/lazy";
import type { Feed } from "./feed";
import { type LibraryOrder, libraryOrder, setLibraryOrder } from "./library-order";
import type { MonthCount } from "./scrubber-geometry";

const OnThisDay = lazy(() => import("./on-this-day"));

const ORDERS: readonly { readonly order: LibraryOrder; readonly label: string }[] = [
  { order: "taken", label: "Date taken" },
  { order: "added", label: "Date added" },
];

export function LibraryHead({ feed, months }: { feed: Feed; months: readonly MonthCount[] }) {
  const isShown = feed.images.value.length > 0;
  return (
    <>
      <h1 class="hidden-text">Library</h1>
      {!feed.isEmpty.value && <OrderSwitch feed={feed} />}
      {isShown && feed.order.value === "taken" && months.length > 1 && <OnThisDay months={months} />}
    </>
  );
}

function OrderSwitch({ feed }: { feed: Feed }) {
  return (
    <fieldset class="switch">
      <legend class="hidden-text">Sort by</legend>
      {ORDERS.map(({ order, label }) => (
        <label key={order} class="switch-choice">
          <input
            type="radio"
            name="library-order"
            class="hidden-text"
            checked={libraryOrder.value === order}
            onChange={() => {
              setLibraryOrder(order);
              feed.reset();
              void feed.more();
            }}
          />
          <span>{label}</span>
        </label>
      ))}
    </fieldset>
  );
}
