import { describe, expect, it } from "vitest";
import type { ImageSummary } from "../api";
import { Problem } from "../http";
import { Feed, type FetchPage, merged } from "./feed";

function image(id: string, state: ImageSummary["state"] = "ready", link = `thumbnail of ${id}`): ImageSummary {
  const links = state === "ready" ? { preview: `preview of ${id}`, thumbnail: link } : null;
  const facts = { name: `${id}.jpg`, type: "image/jpeg", size: 1, width: 4, height: 3, reason: "" };
  return { id, state, links, tags: [], created_at: "", taken_at: null, trashed_at: null, ...facts };
}

/** A server with these pages; each is asked for by the index of it. */
function server(...pages: (ImageSummary[] | Error)[]): FetchPage & { asked: (string | null)[] } {
  const asked: (string | null)[] = [];
  const fetchPage: FetchPage = (cursor) => {
    asked.push(cursor);
    const index = Number(cursor ?? 0);
    const page = pages[index] ?? [];
    if (page instanceof Error) {
      return Promise.reject(page);
    }
    return Promise.resolve({ images: page, next: index + 1 < pages.length ? String(index + 1) : null });
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
    const pages = [[image("b")], new Problem("Try again."), [image("a")]];
    const feed = new Feed(server(...pages));

    await feed.more();
    await feed.more();
    expect([ids(feed), feed.status.value, feed.problem.value]).toEqual(["b", "failed", "Try again."]);

    pages[1] = [];
    await new Feed(server(...pages)).more();
    expect(ids(feed)).toBe("b");
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
    const pages = [[image("c", "pending"), image("b", "pending"), image("a")]];
    const feed = new Feed(server(...pages));
    await feed.more();

    pages[0] = [image("c"), image("b", "pending"), image("a")];
    const again = server(...pages);
    Object.assign(feed, { fetchPage: again });
    await feed.refresh();

    expect([...feed.fresh.value]).toEqual(["c"]);
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
