// The person's shares: the list, new ones, and their end.

import { signal } from "@preact/signals";
import * as messages from "#messages/shares";
import { del, get, post } from "../api";
import { Problem, wordsFor } from "../http";
import type { NewShareResponse, ShareRequest, ShareResponse } from "../schemas";
import { onSignedOut } from "../session";

/** Null until they are read. */
export const shares = signal<readonly ShareResponse[] | null>(null);

onSignedOut(() => {
  shares.value = null;
});

/** Read the shares. Throws a Problem. */
export async function readShares(): Promise<void> {
  shares.value = (await get("/shares")).shares;
}

/** Create a share. Only the result contains its link. Throws a Problem. */
export async function createShare(body: ShareRequest): Promise<NewShareResponse> {
  const share = await post("/shares", { body });
  shares.value = shares.value && [share, ...shares.value];
  return share;
}

/** End a share. It may have been ended in another tab. Throws a Problem. */
export async function revokeShare({ id }: ShareResponse): Promise<void> {
  try {
    await del("/shares/{share_id}", { path: { share_id: id } });
  } catch (error) {
    if (!(error instanceof Problem && error.status === 404)) {
      throw error;
    }
  }
  shares.value = shares.value?.filter((share) => share.id !== id) ?? null;
}

/** Return why a share could not be created, and what to do. */
export function explain(error: unknown): string {
  const kind = error instanceof Problem ? error.kind : "";
  switch (kind) {
    case "album-not-found":
      return messages.albumGone;
    case "subscription-not-found":
      return messages.searchGone;
    case "too-many-shares":
      return messages.tooManyShares(wordsFor(error));
    default:
      return wordsFor(error);
  }
}
