import { describe, expect, it, vi } from "vitest";
import { Problem } from "../http";
import type { ImageSummary } from "../schemas";
import { Feed, type FetchPage, mergeHead } from "./feed";

function image(id: string, state: ImageSummary["state"] = "ready", link = `thumbnail of ${id}`): ImageSummary {
  const links = state === "ready" ? { preview: "", large_thumbnail: "", thumbnail: link } : null;
  const facts = { name: `${id}.jpg`, type: "image/jpeg", size: 1, width: 4, height: 3, reason: "", damage: "" };
  return { id, state, links, tags: [], created_at: "", taken_at: null, taken_source: null, trashed_at: null, ...facts };
}

/** A server with these pages; the cursor is the index of a page. */
function server(...pages: ImageSummary[][]): FetchPage & { requested: (string | null)[] } {
  const requested: (string | null)[] = [];
  const fetchPage: FetchPage = (cursor) => {
    requested.push(cursor);
    const index = Number(cursor ?? 0);
    return Promise.resolve({ images: pages[index] ?? [], next: index + 1 < pages.length ? String(index + 1) : null });
  };
  return Object.assign(fetchPage, { requested });
}

const ids = (feed: Feed) => feed.images.value.map(({ id }) => id).join("");

describe("a feed", () => {
  it("reads page after page until the end", async () => {
    const feed = new Feed(server([image("d"), image("c")], [image("b")]));

    await feed.more();
    expect([ids(feed), feed.status.value]).toEqual(["dc", "idle"]);
    await feed.more();
    expect([ids(feed), feed.status.value]).toEqual(["dcb", "end"]);
  });

  it("continues after empty pages that aren't the last", async () => {
    const feed = new Feed(server([image("d")], [], [], [image("a")], []));

    await feed.more();
    await feed.more();

    expect(ids(feed)).toBe("da");
  });

  it("sends one request, however often it is called while that runs", async () => {
    const fetchPage = server([image("a")], [image("b")]);
    const feed = new Feed(fetchPage);

    await Promise.all([feed.more(), feed.more(), feed.more()]);

    expect(fetchPage.requested).toEqual([null]);
  });

  it("is empty only when all pages are loaded", async () => {
    const feed = new Feed(server([]));
    expect(feed.isEmpty.value).toBe(false);

    await feed.more();

    expect(feed.isEmpty.value).toBe(true);
  });

  it("shows why it failed, keeps its images, and continues on request", async () => {
    let isDown = true;
    const whole = server([image("b")], [image("a")]);
    const feed = new Feed((cursor, limit) =>
      cursor && isDown ? Promise.reject(new Problem("Try again.")) : whole(cursor, limit),
    );

    await feed.more();
    await feed.more();
    expect([ids(feed), feed.status.value, feed.problem.value]).toEqual(["b", "failed", "Try again."]);

    isDown = false;
    await feed.more();
    expect([ids(feed), feed.status.value]).toEqual(["ba", "end"]);
  });

  it("inserts an image at its place, once", async () => {
    const feed = new Feed(server([image("d"), image("b")]));
    await feed.more();

    feed.put(image("c"));
    feed.put(image("e", "pending"));
    feed.put(image("e"));
    feed.put(image("a"));

    expect(ids(feed)).toBe("edcba");
    expect(feed.images.value[0]?.state).toBe("ready");
  });

  it("removes images", async () => {
    const feed = new Feed(server([image("d"), image("c"), image("b")]));
    await feed.more();

    feed.remove(new Set(["c", "b"]));

    expect(ids(feed)).toBe("d");
  });

  it("knows which images became ready", async () => {
    let page = [image("c", "pending"), image("b", "pending"), image("a")];
    const feed = new Feed(() => Promise.resolve({ images: page, next: null }));
    await feed.more();

    page = [image("c"), image("b", "pending"), image("a")];
    await feed.refresh();

    expect([...feed.fresh.value]).toEqual(["c"]);
  });

  it("watches until no image is pending", async () => {
    vi.useFakeTimers();
    let requests = 0;
    const feed = new Feed(() => {
      requests += 1;
      return Promise.resolve({ images: [image("a", requests < 4 ? "pending" : "ready")], next: null });
    });
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
    feed.unwatch();
    await vi.advanceTimersByTimeAsync(20_000);
    await watched;

    expect(requests).toBe(1);
    vi.useRealTimers();
  });
});

describe("a list whose newest images were reloaded", () => {
  it("adds new images, drops deleted ones, and keeps older ones", () => {
    const before = [image("d", "pending"), image("c"), image("b"), image("a")];

    const after = mergeHead(before, [image("e"), image("d"), image("b")], false);

    expect(after.map(({ id, state }) => id + state)).toEqual(["eready", "dready", "bready", "aready"]);
  });

  it("drops all other images when the reload is complete", () => {
    expect(mergeHead([image("b"), image("a")], [image("b")], true)).toHaveLength(1);
    expect(mergeHead([image("b")], [], true)).toEqual([]);
  });

  it("keeps its links, so that no picture is reloaded", () => {
    const [after] = mergeHead([image("a", "ready", "old")], [image("a", "ready", "new")], true);

    expect(after?.links?.thumbnail).toBe("old");
  });
});
