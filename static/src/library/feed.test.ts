import { describe, expect, it, vi } from "vitest";
import { Problem } from "../http";
import type { ImageSummary } from "../schemas";
import { Feed, type FetchPage, merged } from "./feed";

function image(id: string, state: ImageSummary["state"] = "ready", link = `thumbnail of ${id}`): ImageSummary {
  const links = state === "ready" ? { preview: `preview of ${id}`, thumbnail: link } : null;
  const facts = { name: `${id}.jpg`, type: "image/jpeg", size: 1, width: 4, height: 3, reason: "" };
  return { id, state, links, tags: [], created_at: "", taken_at: null, trashed_at: null, ...facts };
}

/** A server with these pages; each is asked for by the index of it. */
function server(...pages: ImageSummary[][]): FetchPage & { asked: (string | null)[] } {
  const asked: (string | null)[] = [];
  const fetchPage: FetchPage = (cursor) => {
    asked.push(cursor);
    const index = Number(cursor ?? 0);
    return Promise.resolve({ images: pages[index] ?? [], next: index + 1 < pages.length ? String(index + 1) : null });
  };
  return Object.assign(fetchPage, { asked });
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

  it("reads on over pages that are empty and not the last", async () => {
    const feed = new Feed(server([image("d")], [], [], [image("a")], []));

    await feed.more();
    await feed.more();

    expect(ids(feed)).toBe("da");
  });

  it("asks once, however often it is told to read on meanwhile", async () => {
    const fetchPage = server([image("a")], [image("b")]);
    const feed = new Feed(fetchPage);

    await Promise.all([feed.more(), feed.more(), feed.more()]);

    expect(fetchPage.asked).toEqual([null]);
  });

  it("is empty only when all was read", async () => {
    const feed = new Feed(server([]));
    expect(feed.isEmpty.value).toBe(false);

    await feed.more();

    expect(feed.isEmpty.value).toBe(true);
  });

  it("says why it could not read on, keeps what it has, and goes on when told to", async () => {
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

  it("puts an image where its id belongs, once", async () => {
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

  it("knows which images became ready while they were watched", async () => {
    let page = [image("c", "pending"), image("b", "pending"), image("a")];
    const feed = new Feed(() => Promise.resolve({ images: page, next: null }));
    await feed.more();

    page = [image("c"), image("b", "pending"), image("a")];
    await feed.refresh();

    expect([...feed.fresh.value]).toEqual(["c"]);
  });

  it("watches until nothing is pending", async () => {
    vi.useFakeTimers();
    let asked = 0;
    const feed = new Feed(() => {
      asked += 1;
      return Promise.resolve({ images: [image("a", asked < 4 ? "pending" : "ready")], next: null });
    });
    await feed.more();

    const watched = feed.watch();
    await vi.advanceTimersByTimeAsync(20_000);
    await watched;

    expect([asked, feed.images.value[0]?.state]).toEqual([4, "ready"]);
    vi.useRealTimers();
  });

  it("is watched no longer when that is over", async () => {
    vi.useFakeTimers();
    let asked = 0;
    const feed = new Feed(() => {
      asked += 1;
      return Promise.resolve({ images: [image("a", "pending")], next: null });
    });
    await feed.more();

    const watched = feed.watch();
    feed.unwatch();
    await vi.advanceTimersByTimeAsync(20_000);
    await watched;

    expect(asked).toBe(1);
    vi.useRealTimers();
  });
});

describe("a list whose newest were read again", () => {
  it("takes what is new, drops what is gone, and keeps what lies behind", () => {
    const before = [image("d", "pending"), image("c"), image("b"), image("a")];

    const after = merged(before, [image("e"), image("d"), image("b")], false);

    expect(after.map(({ id, state }) => id + state)).toEqual(["eready", "dready", "bready", "aready"]);
  });

  it("drops everything that is not in it when it is the whole", () => {
    expect(merged([image("b"), image("a")], [image("b")], true)).toHaveLength(1);
    expect(merged([image("b")], [], true)).toEqual([]);
  });

  it("keeps the links that it has, so that no picture is fetched again", () => {
    const [after] = merged([image("a", "ready", "old")], [image("a", "ready", "new")], true);

    expect(after?.links?.thumbnail).toBe("old");
  });
});
