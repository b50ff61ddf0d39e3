// The person's saved searches. The side bar, the results of a search and the screen of saved searches share them.

import { computed, signal } from "@preact/signals";
import { del, get, patch, post } from "../api";
import { changes } from "../library/feeds";
import type { SubscriptionChange, SubscriptionList, SubscriptionRequest, SubscriptionResponse } from "../schemas";
import { onSignedOut } from "../session";
import { watchCounts } from "./count-watch";

/** Null until they are read. */
export const savedSearches = signal<SubscriptionList | null>(null);

const isCounting = computed(
  () => savedSearches.value?.subscriptions.some(({ matched, fault }) => matched === null && !fault) ?? false,
);

let latest = 0;

/** Read the saved searches. Throws a Problem. */
export async function readSaved(): Promise<void> {
  latest += 1;
  const number = latest;
  const list = await get("/subscriptions");
  if (number === latest) {
    savedSearches.value = list;
  }
}

onSignedOut(() => {
  latest += 1;
  savedSearches.value = null;
});

/** Read the saved searches, and again while their numbers may change. Returns a function that ends this. */
export function watchSaved(): () => void {
  if (savedSearches.peek() === null) {
    readQuietly();
  }
  return watchCounts(changes, isCounting, () => {
    if (savedSearches.peek()?.subscriptions.length !== 0) {
      readQuietly();
    }
  });
}

/** Without a response, the old numbers stay. */
function readQuietly(): void {
  readSaved().catch(() => {});
}

/** Save a search and return it. Throws a Problem. */
export async function save(body: SubscriptionRequest): Promise<SubscriptionResponse> {
  const added = await post("/subscriptions", { body });
  await readSaved();
  return added;
}

/** Change the name of a saved search, or when it sends e-mails. Throws a Problem. */
export async function change({ id }: SubscriptionResponse, body: SubscriptionChange): Promise<void> {
  await patch("/subscriptions/{subscription_id}", { path: { subscription_id: id }, body });
  await readSaved();
}

/** Remove a saved search. Returns a function that saves it again. Throws a Problem. */
export async function remove(search: SubscriptionResponse): Promise<() => Promise<SubscriptionResponse>> {
  const { id, query, name, pinned, email, paused, digest } = search;
  await del("/subscriptions/{subscription_id}", { path: { subscription_id: id } });
  await readSaved();
  return () => save({ query, name, pinned, email, paused, digest });
}
