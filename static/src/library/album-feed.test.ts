import { expect, it, vi } from "vitest";

const api = vi.hoisted(() => ({ get: vi.fn() }));
vi.mock("../api", () => api);
vi.mock("../session", () => ({ onSignedOut: () => {} }));
vi.stubGlobal("localStorage", { getItem: () => null });
vi.stubGlobal("location", { pathname: "/", search: "", hostname: "" });
const { openAlbum } = await import("./album-feed");
const { changes } = await import("./feeds");

it("a list that could not be read again after a change is not kept", async () => {
  const photos = openAlbum("a", "hand");
  api.get.mockRejectedValueOnce(new Error("unreachable"));
  changes.value += 1;
  await photos.refresh(changes.value);

  expect(openAlbum("a", "hand")).not.toBe(photos);
});

it("a list that was read again after a change is kept", async () => {
  const photos = openAlbum("b", "hand");
  api.get.mockResolvedValueOnce({ images: [], next: null });
  changes.value += 1;
  await photos.refresh(changes.value);

  expect(openAlbum("b", "hand")).toBe(photos);
});

it("a shown list is read again once after a change", async () => {
  const photos = openAlbum("c", "hand");
  let requests = 0;
  api.get.mockReset().mockImplementation(() => {
    requests += 1;
    const page = { images: [{ id: "x", links: {} }], next: null };
    return requests < 5 ? Promise.resolve(page) : Promise.reject(new Error("too many requests"));
  });
  await photos.feed.more();
  const end = photos.watch();
  changes.value += 1;
  await new Promise((resolve) => setTimeout(resolve));
  end();

  expect(requests).toBe(2);
});
