// The order of the library that the person chose. The browser remembers it.

import { signal } from "@preact/signals";
import type { Order } from "./order-key";

export type LibraryOrder = Extract<Order, "taken" | "added">;

const STORED = "pixtag:library-order";

export const libraryOrder = signal<LibraryOrder>(localStorage.getItem(STORED) === "added" ? "added" : "taken");

/** Sort the library by an order, now and on later visits. */
export function setLibraryOrder(order: LibraryOrder): void {
  libraryOrder.value = order;
  localStorage.setItem(STORED, order);
}
