// Uses the API through the types that openapi-typescript generates from openapi.json. The first failure ends the program.
// Run as: node program.js (URL of the API) (access token) (path of a picture with two stop signs)

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import createClient from "openapi-fetch";
import type { components, paths } from "./openapi.js";

type Image = components["schemas"]["ImageDetails"];

const [baseUrl = "", token = "", picture = ""] = process.argv.slice(2);
const pixtag = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${token}` } });

/** Uploads a picture, and waits until PixTag has detected its objects. */
async function upload(path: string): Promise<Image> {
  const form = new FormData();
  form.set("file", new Blob([await readFile(path)], { type: "image/png" }), "street.png");
  const { data: pending } = await pixtag.POST("/images", { body: { file: path }, bodySerializer: () => form });
  assert(pending);
  for (;;) {
    const { data, response } = await pixtag.GET("/images/{image_id}", { params: { path: { image_id: pending.id } } });
    assert(data);
    if (response.status !== 202) {
      return data;
    }
    await sleep(1000 * Number(response.headers.get("Retry-After")));
  }
}

async function search(q: string): Promise<string[]> {
  const { data } = await pixtag.GET("/search", { params: { query: { q } } });
  assert(data);
  return data.images.map(({ id }) => id);
}

const { id, tags } = await upload(picture);
assert.deepEqual(tags.map(({ tag, count }) => [tag, count]), [["stop sign", 2]]);
assert.deepEqual(await search("stop sign>=2"), [id]);

const { data: edit } = await pixtag.POST("/tags", { body: { add: [{ tag: "dog" }], images: { ids: [id] } } });
assert.equal(edit?.outcomes[0]?.result, "changed");
assert.deepEqual(await search("dog, stop sign"), [id]);

const { data: subscription } = await pixtag.POST("/subscriptions", { body: { query: "dog>=2" } });
assert.equal(subscription?.query, "dog>=2");

const { error: problem } = await pixtag.GET("/search", { params: { query: { q: "dog>=" } } });
assert.deepEqual([problem?.type, problem?.position], ["urn:pixtag:invalid-query", 5]);

const { response: deletion } = await pixtag.DELETE("/images/{image_id}", { params: { path: { image_id: id } } });
assert.equal(deletion.status, 204);
assert.deepEqual(await search("dog"), []);

/** Is never called. The compiler must reject each of these lines, which shows that the types match the document. */
export async function sendInvalidRequests(): Promise<void> {
  // @ts-expect-error the path does not exist
  await pixtag.GET("/image");
  // @ts-expect-error a search needs a query
  await pixtag.GET("/search");
  // @ts-expect-error a count is a number
  await pixtag.POST("/tags", { body: { add: [{ tag: "dog", count: "2" }], images: {} } });
  // @ts-expect-error the state does not exist
  const state: components["schemas"]["ImageState"] = "deleted";
  assert(state);
}
