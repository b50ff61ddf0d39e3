import { beforeEach, expect, it, vi } from "vitest";
import { Problem } from "../http";
import type { AlbumResponse } from "../schemas";

const api = vi.hoisted(() => ({ get: vi.fn(), post: vi.fn(), patch: vi.fn(), del: vi.fn() }));
vi.mock("../api", () => api);
vi.mock("../session", () => ({ onSignedOut: () => {} }));
vi.stubGlobal("localStorage", { getItem: () => null });
vi.stubGlobal("location", { pathname: "/", search: "", hostname: "" });
const { albums, changeAlbum, createAlbum, deleteAlbum, findAlbum, readAlbum, readAlbums } = await import("./albums");

const album = (id: string, title = id) => ({ id, title }) as AlbumResponse;
const page = (next: string | null, ...ids: readonly string[]) => ({ albums: ids.map((id) => album(id)), next });
const listed = () => albums.value?.map(({ title }) => title).join(" ");

beforeEach(() => {
  albums.value = null;
  for (const mock of Object.values(api)) {
    mock.mockReset();
  }
});

it("all pages are read, and the newest album comes first", async () => {
  api.get.mockResolvedValueOnce(page("b", "a", "b")).mockResolvedValueOnce(page(null, "c"));

  await readAlbums();

  expect(listed()).toBe("c b a");
  expect(api.get.mock.calls.map(([, { query }]) => query.cursor)).toEqual([undefined, "b"]);
});

it("a list that was read before a change is read again", async () => {
  let respond = (_: unknown) => {};
  api.get
    .mockReturnValueOnce(
      new Promise((resolve) => {
        respond = resolve;
      }),
    )
    .mockResolvedValueOnce(page(null, "a", "new"));
  api.post.mockResolvedValue(album("new"));

  const reading = readAlbums();
  await createAlbum("new");
  respond(page(null, "a"));
  await reading;

  expect(listed()).toBe("new a");
});

it("changes are shown in the list", async () => {
  api.get.mockResolvedValueOnce(page(null, "a", "b", "c"));
  await readAlbums();
  api.patch.mockResolvedValue(album("b", "Summer"));
  api.get.mockResolvedValueOnce(album("d"));

  await changeAlbum("b", { title: "Summer" });
  await deleteAlbum("a");
  await readAlbum("d");

  expect(listed()).toBe("d c Summer");
  expect(findAlbum(" SUMMER ")?.id).toBe("b");
});

it("an album that was created without a response is found", async () => {
  api.post.mockRejectedValue(new Problem("You're offline."));
  api.get.mockResolvedValue(page(null, "a", "Summer"));

  expect((await createAlbum("summer")).id).toBe("Summer");
  await expect(createAlbum("other")).rejects.toThrow("You're offline.");
});

it("an album that is refused isn't searched for", async () => {
  api.post.mockRejectedValue(new Problem("You already have an album with this title.", 409));

  await expect(createAlbum("a")).rejects.toThrow("You already have");
  expect(api.get).not.toHaveBeenCalled();
});
