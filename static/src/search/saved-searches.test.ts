import { beforeEach, expect, it, vi } from "vitest";

vi.stubGlobal("localStorage", { getItem: () => null, removeItem: () => {} });
vi.stubGlobal("location", new URL("http://127.0.0.1/"));
const api = vi.hoisted(() => ({ get: vi.fn(), post: vi.fn(), patch: vi.fn(), del: vi.fn() }));
vi.mock("../api", () => api);
const { change, readSaved, remove, save, savedSearches, watchSaved } = await import("./saved-searches");
const { end } = await import("../session");

const DOGS = {
  ...{ id: "1", query: "dog", name: "Dogs", pinned: true, email: true, paused: true, digest: "weekly" as const },
  ...{ matched: 2, cover: null, fault: "", created_at: "2026-11-30T12:00:00Z" },
};
const listOf = (...subscriptions: object[]) => ({ email: "confirmed", mailbox: null, subscriptions });

beforeEach(() => {
  vi.resetAllMocks();
  savedSearches.value = null;
  api.get.mockResolvedValue(listOf(DOGS));
});

it("the list of the latest request is kept, in whatever order the responses come", async () => {
  let respond = (_: object) => {};
  api.get.mockReturnValueOnce(
    new Promise((done) => {
      respond = done;
    }),
  );
  const reading = readSaved();
  await readSaved();

  respond(listOf());
  await reading;

  expect(savedSearches.value?.subscriptions).toEqual([DOGS]);
});

it("a list that arrives after the sign-out is dropped", async () => {
  const reading = readSaved();

  end();
  await reading;

  expect(savedSearches.value).toBeNull();
});

it("a change and a new search read the list again", async () => {
  api.post.mockResolvedValue(DOGS);

  expect(await save({ query: "dog" })).toBe(DOGS);
  await change(DOGS, { pinned: false });

  expect(api.patch).toHaveBeenCalledWith("/subscriptions/{subscription_id}", {
    path: { subscription_id: "1" },
    body: { pinned: false },
  });
  expect(api.get).toHaveBeenCalledTimes(2);
});

it("a removed search is saved again with everything that was chosen", async () => {
  api.get.mockResolvedValueOnce(listOf());
  const undo = await remove(DOGS);
  expect(savedSearches.value?.subscriptions).toEqual([]);

  await undo();

  const { query, name, pinned, email, paused, digest } = DOGS;
  expect(api.post).toHaveBeenCalledWith("/subscriptions", { body: { query, name, pinned, email, paused, digest } });
  expect(savedSearches.value?.subscriptions).toEqual([DOGS]);
});

it("numbers that are unknown are read again until they are known", async () => {
  vi.useFakeTimers();
  api.get.mockResolvedValueOnce(listOf({ ...DOGS, matched: null }));
  const stop = watchSaved();

  await vi.advanceTimersByTimeAsync(600_000);
  stop();
  vi.useRealTimers();

  expect(api.get).toHaveBeenCalledTimes(2);
  expect(savedSearches.value?.subscriptions).toEqual([DOGS]);
});

it("a failed request leaves the old list", async () => {
  vi.useFakeTimers();
  api.get.mockResolvedValueOnce(listOf({ ...DOGS, matched: null }));
  const stop = watchSaved();
  await vi.advanceTimersByTimeAsync(1_000);
  api.get.mockRejectedValue(new Error("offline"));

  await vi.advanceTimersByTimeAsync(600_000);
  stop();
  vi.useRealTimers();

  expect(api.get).toHaveBeenCalledTimes(6);
  expect(savedSearches.value?.subscriptions).toEqual([{ ...DOGS, matched: null }]);
});
