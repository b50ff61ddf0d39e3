import { describe, expect, it, vi } from "vitest";
import type { ImageSummary } from "../schemas";
import { Feed } from "./feed";
import { testImage } from "./test-image";

const image = (id: string, state: ImageSummary["state"] = "ready") => testImage(id, { state });
const ids = (feed: Feed) => feed.images.value.map(({ id }) => id).join("");

describe("a feed whose images become ready", () => {
  it("knows which images became ready", async () => {
    let page = [image("c", "pending"), image("b", "pending"), image("a")];
    const fetchPage = () => Promise.resolve({ images: page, next: null });
    const feed = new Feed(fetchPage, { fetchRecent: fetchPage });
    await feed.more();

    page = [image("c"), image("b", "pending"), image("a")];
    await feed.refresh();

    expect([...feed.arrivals.fresh.value]).toEqual(["c"]);
  });

  it("watches until no image is pending", async () => {
    vi.useFakeTimers();
    let requests = 0;
    const fetchPage = () => {
      requests += 1;
      return Promise.resolve({ images: [image("a", requests < 4 ? "pending" : "ready")], next: null });
    };
    const feed = new Feed(fetchPage, { fetchRecent: fetchPage });
    await feed.more();

    const watched = feed.watch();
    await vi.advanceTimersByTimeAsync(20_000);
    await watched;

    expect([requests, feed.images.value[0]?.state]).toEqual([4, "ready"]);
    vi.useRealTimers();
  });

  it("stops watching on request", async () => {
    vi.useFakeTimers();
    let requests = 0;
    const feed = new Feed(() => {
      requests += 1;
      return Promise.resolve({ images: [image("a", "pending")], next: null });
    });
    await feed.more();

    const watched = feed.watch();
    feed.arrivals.unwatch();
    await vi.advanceTimersByTimeAsync(20_000);
    await watched;

    expect(requests).toBe(1);
    vi.useRealTimers();
  });

  const year = (id: string, taken: number, state: ImageSummary["state"] = "ready") =>
    testImage(id, { state, created_at: `2026-01-0${id}T00:00:00Z`, taken_at: state === "ready" ? `${taken}` : null });

  it("moves them to their capture times, or out of the loaded part", async () => {
    const listed = [year("2", 2019), year("1", 2018)];
    let recent = [year("4", 0, "pending"), year("3", 0, "pending"), ...listed];
    const feed = new Feed(() => Promise.resolve({ images: listed, next: "more" }), {
      fetchRecent: () => Promise.resolve({ images: recent, next: null }),
    });
    await feed.more();
    await feed.refresh();
    expect(ids(feed)).toBe("4321");

    recent = [year("4", 1950), year("3", 2018.5), ...listed];
    await feed.refresh();

    expect(ids(feed)).toBe("231");
    expect([...feed.arrivals.images.value.values()].map(({ id, state }) => id + state)).toEqual(["4ready", "3ready"]);
    expect([...feed.arrivals.fresh.value]).toEqual(["4", "3"]);
  });

  it("knows uploaded images that aren't in the loaded part", async () => {
    const feed = new Feed(() => Promise.resolve({ images: [year("1", 2018)], next: "more" }));
    await feed.more();

    feed.arrive(year("2", 1950));

    expect([ids(feed), feed.arrivals.images.value.get("2")?.state]).toEqual(["1", "ready"]);
  });

  it("forgets pending images that were deleted", async () => {
    const feed = new Feed(() => Promise.resolve({ images: [], next: null }), {
      fetchRecent: () => Promise.resolve({ images: [], next: null }),
    });
    await feed.more();
    feed.put(year("1", 0, "pending"));
    expect(feed.arrivals.arePending()).toBe(true);

    await feed.refresh();

    expect([ids(feed), feed.arrivals.arePending()]).toEqual(["", false]);
  });
});
