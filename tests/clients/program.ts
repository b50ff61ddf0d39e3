// Uses operations that the example of docs/clients.md does not use. The first failure ends the program.
// Run as: node program.js (URL of the API) (access token) (path of a picture with two stop signs)

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import {
  createUpload,
  exportCoco,
  exportCsv,
  getHealth,
  getImage,
  getMe,
  type ImageState,
  search,
  subscribe,
  trashImage,
} from "pixtag-client";
import { client } from "pixtag-client/client";

const [baseUrl = "", token = "", picture = ""] = process.argv.slice(2);
const throwOnError = true;
const sent: string[] = [];
client.setConfig({ baseUrl, auth: token });
client.interceptors.request.use((request) => {
  sent.push(request.headers.get("Authorization") ?? "");
  return request;
});

// The access token is sent only with operations that need it.
await getHealth({ throwOnError });
await getMe({ throwOnError });
assert.deepEqual(sent, ["", `Bearer ${token}`]);

// Upload a picture with the form that the API returns.
const bytes = await readFile(picture);
const { data: upload } = await createUpload({
  body: { name: "street.png", type: "image/png", size: bytes.length },
  throwOnError,
});
const form = new FormData();
for (const [name, value] of Object.entries(upload.form?.fields ?? {})) {
  form.set(name, value);
}
form.set("file", new Blob([bytes]));
assert.equal((await fetch(upload.form?.url ?? "", { method: "POST", body: form })).status, 204);

const path = { image_id: upload.id };
let { data: image, response } = await getImage({ path, throwOnError });
while (response.status === 202) {
  await sleep(1000 * Number(response.headers.get("Retry-After")));
  ({ data: image, response } = await getImage({ path, throwOnError }));
}
assert.deepEqual(image.tags.map(({ tag, count }) => [tag, count]), [["stop sign", 2]]);

const { data: coco } = await exportCoco({ throwOnError });
assert.deepEqual(coco.images.map(({ pixtag_id }) => pixtag_id), [upload.id]);
const { data: csv } = await exportCsv({ throwOnError });
assert.match(csv, /^id,name,.*stop sign,2,/s);

const { data: subscription } = await subscribe({ body: { query: "dog>=2" }, throwOnError });
assert.equal(subscription.query, "dog>=2");

const { error: problem } = await search({ query: { q: "dog>=" } });
assert.deepEqual([problem?.type, problem?.position], ["urn:pixtag:invalid-query", 5]);

const { response: deletion } = await trashImage({ path, throwOnError });
assert.equal(deletion.status, 204);

/** Is never called. The compiler must reject each of these lines, which shows that the types match the document. */
export async function sendInvalidRequests(): Promise<void> {
  // @ts-expect-error a search needs a query
  await search({});
  // @ts-expect-error a size is a number
  await createUpload({ body: { name: "a.png", type: "image/png", size: "2" } });
  // @ts-expect-error the state does not exist
  const state: ImageState = "deleted";
  assert(state);
}
