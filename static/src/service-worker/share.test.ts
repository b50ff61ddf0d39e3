import { expect, it } from "vitest";
import type { PendingUpload } from "../upload/pending-store";
import { receiveShare } from "./share";

function share(...files: readonly (File | string)[]): Request {
  const body = new FormData();
  for (const file of files) {
    body.append("photos", file);
  }
  return new Request("https://pixtag.example/share-target", { method: "POST", body });
}

it("shared photos are kept for the page", async () => {
  const kept: PendingUpload[] = [];

  const response = await receiveShare(
    share(new File(["abc"], "a.jpg"), "a text", new File(["d"], "a.jpg")),
    (uploads) => {
      kept.push(...uploads);
      return Promise.resolve();
    },
  );

  expect([response.status, response.headers.get("Location")]).toEqual([303, "https://pixtag.example/?shared=files"]);
  expect(kept.map(({ page, name, size, imageId }) => [page, name, size, imageId])).toEqual([
    ["shared", "a.jpg", 3, ""],
    ["shared", "a.jpg", 1, ""],
  ]);
  expect(new Set(kept.map(({ key }) => key)).size).toBe(2);
});

it.each([
  ["nothing", share("a text"), () => Promise.resolve()],
  ["failed", share(new File(["a"], "a.jpg")), () => Promise.reject(new DOMException("", "QuotaExceededError"))],
  [
    "failed",
    new Request("https://pixtag.example/share-target", { method: "POST", body: "no form" }),
    () => Promise.resolve(),
  ],
])("the page learns that %s arrived", async (outcome, request, save) => {
  const response = await receiveShare(request, save);

  expect(response.headers.get("Location")).toBe(`https://pixtag.example/?shared=${outcome}`);
});
