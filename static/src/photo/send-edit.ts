// Sending an edit of a tag.

import { problem } from "#messages/reasons";
import { post } from "../api";
import { Problem, pause } from "../http";
import { type Edit, editRequest } from "./tag-edits";

const RETRY_MS = 1000;

/**
 * Send an edit of an image. Without a response, retry it once with the same key, so that it is applied at most once.
 *
 * Throws a Problem if the API rejects it.
 */
export async function sendEdit(id: string, edit: Edit): Promise<void> {
  const request = {
    header: { "idempotency-key": crypto.randomUUID() },
    body: { ...editRequest(edit), images: { ids: [id] } },
  };
  const { outcomes } = await post("/tags", request).catch(async (error: unknown) => {
    if (error instanceof Problem && (error.status === 0 || error.status >= 500)) {
      await pause(RETRY_MS);
      return post("/tags", request);
    }
    throw error;
  });
  const failed = outcomes.find(({ result }) => result === "failed");
  if (failed) {
    throw new Problem(await problem("", failed.detail));
  }
}
