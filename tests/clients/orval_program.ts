// Uses PixTag with the TypeScript client of orval. The first failure ends the program.
// Run as: node orval_program.js (access token) (path of a picture with two stop signs)

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import {
  exportCoco,
  exportCsv,
  getHealth,
  getImage,
  getOriginal,
  search,
  trashImage,
  uploadImage,
} from "./pixtag.js";

const [token = "", picture = ""] = process.argv.slice(2);
const options = { headers: { Authorization: `Bearer ${token}` } };
const bytes = await readFile(picture);

const health = await getHealth();
assert(health.status === 200 && health.data.status === "ok");

const upload = await uploadImage({ file: new File([bytes], "street.png", { type: "image/png" }) }, options);
assert(upload.status === 202);
const { id } = upload.data;
let image = await getImage(id, options);
while (image.status === 202) {
  await sleep(200);
  image = await getImage(id, options);
}
assert(image.status === 200);
assert.deepEqual(image.data.tags.map(({ tag, count }) => [tag, count]), [["stop sign", 2]]);

const page = await search({ q: "stop sign>=2" }, options);
assert(page.status === 200);
assert.deepEqual(page.data.images.map((match) => match.id), [id]);

const original = await getOriginal(id, options);
assert(original.status === 200);
assert.deepEqual(Buffer.from(await original.data.arrayBuffer()), bytes);

const csv = await exportCsv({}, options);
assert(csv.status === 200);
assert.match(csv.data, new RegExp(`^${id},street.png,`, "m"));
const coco = await exportCoco({}, options);
assert(coco.status === 200);
assert.deepEqual(coco.data.images.map(({ pixtag_id }) => pixtag_id), [id]);

const invalid = await search({ q: "dog>=" }, options);
assert(invalid.status === 422);
assert.equal(invalid.data.position, 5);
assert.equal((await trashImage(id, options)).status, 204);
