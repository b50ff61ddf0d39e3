import { describe, expect, it, vi } from "vitest";
import { Problem } from "../http";
import type { ImageSummary } from "../schemas";
import { Feed } from "./feed";
import type { Direction, FetchPage } from "./feed-page";
import { orderKey } from "./order-key";
import { testImage } from "./test-image";

const image = (id: string, state: ImageSummary["state"] = "ready") => testImage(id, { state });

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

/** A server with an image of each month of 2019, in pages of two. A cursor is a month, or the id of the last image. */
function calendar() {
  const months = Array.from({ length: 12 }, (_, index) => `2019-${String(index + 1).padStart(2, "0")}`);
  const requested: string[] = [];
  const fetchPage: FetchPage = (cursor, _, direction: Direction) => {
    requested.push(`${direction} ${cursor}`);
    const ordered = direction === "asc" ? months : months.toReversed();
    const isAfter = (month: string) => {
      const from = cursor?.replace("after ", "") ?? month;
      return (direction === "asc" ? month >= from : month <= from) && `after ${month}` !== cursor;
    };
    const rest = ordered.filter(isAfter);
    const images = rest.slice(0, 2).map((month) => testImage(month, { taken_at: `${month}-05T10:00:00` }));
    return Promise.resolve({ images, next: rest.length > 2 ? `after ${images.at(-1)?.id}` : null });
  };
  return { fetchPage, requested, months };
}

const months = (feed: Feed) => feed.images.value.map(({ id }) => Number(id.slice(5))).join(" ");
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
    const feed = new Feed((cursor, ...rest) =>
      cursor && isDown ? Promise.reject(new Problem("Try again.")) : whole(cursor, ...rest),
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

  it("replaces an image that was read again, but not one that was removed meanwhile", async () => {
    const feed = new Feed(server([image("b"), image("a")]));
    await feed.more();
    feed.remove(new Set(["b"]));

    feed.renew(image("b"));
    feed.renew(image("a", "pending"));

    expect([ids(feed), feed.images.value[0]?.state]).toEqual(["a", "pending"]);
  });

  it("drops its images when the order changes", async () => {
    const feed = new Feed(server([image("b")], [image("a")]));
    await feed.more();

    feed.reset();

    expect([ids(feed), feed.isEmpty.value]).toEqual(["", false]);
    await feed.more();
    expect(ids(feed)).toBe("b");
  });
});

describe("a feed that is opened at a month", () => {
  it("shows that month between its neighbours, and loads pages in both directions", async () => {
    const { fetchPage, requested } = calendar();
    const feed = new Feed(fetchPage);
    await feed.more();

    await feed.jump({ month: "2019-06" });
    expect([months(feed), feed.above.value, feed.status.value]).toEqual(["8 7 6 5", "idle", "idle"]);
    await Promise.all([feed.moreAbove(), feed.more()]);
    expect(months(feed)).toBe("10 9 8 7 6 5 4 3");
    await Promise.all([feed.moreAbove(), feed.more(), feed.moreAbove()]);

    expect([months(feed), feed.above.value, feed.status.value]).toEqual(["12 11 10 9 8 7 6 5 4 3 2 1", "end", "end"]);
    expect(requested).toHaveLength(7);
  });

  it("can be opened at both ends", async () => {
    const feed = new Feed(calendar().fetchPage);

    await feed.jump("oldest");
    expect([months(feed), feed.above.value, feed.status.value]).toEqual(["2 1", "idle", "end"]);
    await feed.moreAbove();
    expect(months(feed)).toBe("4 3 2 1");
    await feed.jump("newest");
    expect([months(feed), feed.above.value, feed.status.value]).toEqual(["12 11", "end", "idle"]);
  });

  it("drops the response for an earlier place", async () => {
    const { fetchPage } = calendar();
    const held: (() => void)[] = [];
    let isHolding = true;
    const feed = new Feed(async (...request) => {
      if (isHolding) {
        await new Promise<void>((proceed) => held.push(proceed));
      }
      return fetchPage(...request);
    });

    const earlier = [feed.more(), feed.jump({ month: "2019-02" })];
    isHolding = false;
    await feed.jump({ month: "2019-09" });
    for (const proceed of held) {
      proceed();
    }
    await Promise.all(earlier);

    expect([months(feed), feed.status.value]).toEqual(["11 10 9 8", "idle"]);
  });

  it("keeps its images when the request fails", async () => {
    const { fetchPage } = calendar();
    const feed = new Feed((cursor, ...rest) =>
      cursor === "2019-02" ? Promise.reject(new Problem("Try again.")) : fetchPage(cursor, ...rest),
    );
    await feed.more();

    await expect(feed.jump({ month: "2019-02" })).rejects.toThrow("Try again.");
    expect([months(feed), feed.status.value, feed.above.value]).toEqual(["12 11", "idle", "end"]);
    await feed.more();
    expect(months(feed)).toBe("12 11 10 9");
  });

  it("shows that a page above could not be loaded", async () => {
    const { fetchPage } = calendar();
    let isDown = false;
    const feed = new Feed((...request) => (isDown ? Promise.reject(new Problem("Try again.")) : fetchPage(...request)));
    await feed.jump({ month: "2019-02" });

    isDown = true;
    await feed.moreAbove();
    expect(feed.above.value).toBe("failed");
    isDown = false;
    await feed.moreAbove();
    expect([months(feed), feed.above.value]).toEqual(["6 5 4 3 2 1", "idle"]);
  });

  it("is refreshed from the month of its first image", async () => {
    const { fetchPage, requested } = calendar();
    const feed = new Feed(fetchPage);
    await feed.jump({ month: "2019-06" });
    feed.remove(new Set(["2019-07"]));

    await feed.refresh();

    expect([months(feed), requested.at(-1)]).toEqual(["8 7 6 5", "desc 2019-08"]);
  });
});

describe("a long list", () => {
  const COUNT = 5_000;
  const sorted = Array.from({ length: COUNT }, (_, index) =>
    testImage(`i${String(COUNT - index).padStart(4, "0")}`, { taken_at: "2019-07-28T01:03:00" }),
  );

  /** A server whose cursors are sort keys, as those of the API. A page begins after its cursor. */
  const fetchPage: FetchPage = (cursor, limit, direction) => {
    const ordered = direction === "desc" ? sorted : sorted.toReversed();
    const isAfter = (key: string) => cursor === null || (direction === "desc" ? key < cursor : key > cursor);
    const rest = ordered.filter((each) => isAfter(orderKey(each, "taken")));
    const page = rest.slice(0, limit);
    const last = page.at(-1);
    return Promise.resolve({ images: page, next: last && rest.length > limit ? orderKey(last, "taken") : null });
  };

  async function readAll(feed: Feed, direction: "down" | "up"): Promise<Set<string>> {
    const seen = new Set<string>();
    const [status, read] =
      direction === "down" ? [feed.status, () => feed.more()] : [feed.above, () => feed.moreAbove()];
    while (status.value !== "end") {
      await read();
      expect(feed.images.value.length).toBeLessThanOrEqual(4_000);
      for (const { id } of feed.images.value) {
        seen.add(id);
      }
    }
    return seen;
  }

  it("drops images far from the screen, and reads them again on the way back", async () => {
    const feed = new Feed(fetchPage, { hasKeyCursors: true });

    const down = await readAll(feed, "down");
    const bottom = feed.images.value.at(-1)?.id;
    const up = await readAll(feed, "up");

    expect([down.size, bottom, up.size, feed.images.value[0]?.id]).toEqual([COUNT, "i0001", COUNT, "i5000"]);
    expect(feed.status.value).toBe("idle");
    await readAll(feed, "down");
    const loaded = feed.images.value.map(({ id }) => id);
    expect(loaded).toEqual(sorted.slice(-loaded.length).map(({ id }) => id));
  });

  it("keeps all images if its pages can't begin at any image", async () => {
    const feed = new Feed(fetchPage);
    while (feed.status.value !== "end") {
      await feed.more();
    }

    expect(feed.images.value.length).toBe(COUNT);
  });
});

describe("a search for a text", () => {
  const pages = [
    { images: [], next: "1", searched_until: "2019-07-28" },
    { images: [image("a")], next: "2", searched_until: "2018-01-01" },
    { images: [], next: null, searched_until: null },
  ];

  it("pauses after a page without matches, and says how far it searched", async () => {
    const fetchPage = vi.fn((cursor: string | null) => Promise.resolve(pages[Number(cursor ?? 0)] ?? pages[2]));
    const feed = new Feed(fetchPage as unknown as FetchPage);

    await feed.more();
    expect([feed.status.value, feed.searchedUntil.value]).toEqual(["paused", "2019-07-28"]);
    await feed.more();
    expect([feed.status.value, feed.images.value.length]).toEqual(["idle", 1]);
    await feed.more();

    expect([feed.status.value, feed.searchedUntil.value]).toEqual(["end", null]);
    expect(fetchPage).toHaveBeenCalledTimes(3);
  });
});
