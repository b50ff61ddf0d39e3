import { describe, expect, it } from "vitest";
import * as messages from "#messages/shares";
import {
  describeEnd,
  describeKind,
  endAfter,
  findObstacle,
  hasEnded,
  headingOf,
  LIVES,
  MAX_PHOTOS,
  PRIVATE,
  photosToShare,
  sourceOf,
} from "./share-terms";

const NOW = Date.parse("2026-11-30T12:00:00Z");
const LATER = "2026-12-07T12:00:00Z";
const ALBUM = { kind: "album", id: "a1", title: "Summer" } as const;

const photo = (id: string, state: "ready" | "pending" = "ready", ...tags: string[]) => ({
  id,
  state,
  tags: tags.map((tag) => ({ tag, count: 1 })),
});

describe("what is shared", () => {
  it("is the ready photos in their order, and private ones are counted", () => {
    const target = photosToShare([photo("b", "ready", PRIVATE), photo("c", "pending"), photo("a", "ready", "dog")]);

    expect(target).toEqual({ kind: "images", ids: ["b", "a"], size: 2, privates: 1 });
    expect(sourceOf(target)).toEqual({ images: ["b", "a"] });
    expect(headingOf(target)).toBe("Share 2 photos");
  });

  it("is an album or a saved search by its id", () => {
    expect(sourceOf(ALBUM)).toEqual({ album: "a1" });
    expect(sourceOf({ ...ALBUM, kind: "subscription" })).toEqual({ subscription: "a1" });
    expect([headingOf(ALBUM), headingOf({ ...ALBUM, kind: "subscription" })]).toEqual([
      messages.shareAlbum,
      messages.shareSearch,
    ]);
  });

  it("can't be nothing, or more photos than a link can show, loaded or not", () => {
    const many = Array.from({ length: MAX_PHOTOS }, (_, index) => photo(String(index)));

    expect(findObstacle(photosToShare([photo("a", "pending")]))).toBe(messages.noReadyPhotos);
    expect(findObstacle(photosToShare(many))).toBe("");
    expect(findObstacle(photosToShare([...many, photo("one more")]))).toBe(messages.tooManyPhotos(MAX_PHOTOS));
    expect(findObstacle(photosToShare([photo("a")], 10_000))).toBe(messages.tooManyPhotos(MAX_PHOTOS));
    expect(findObstacle(ALBUM)).toBe("");
  });
});

describe("the end of a link", () => {
  it("is some days later, or never", () => {
    expect(LIVES.map(([days]) => endAfter(days, NOW)?.slice(0, 10))).toEqual([
      "2026-12-07",
      "2026-12-30",
      "2027-11-30",
      undefined,
    ]);
  });

  it("is described before and after it", () => {
    const share = { expires_at: LATER };

    expect([NOW, Date.parse(LATER)].map((now) => hasEnded(share, now))).toEqual([false, true]);
    expect(describeEnd(share, NOW)).toBe(messages.worksUntil(LATER));
    expect(describeEnd(share, Date.parse(LATER))).toBe(messages.expiredOn(LATER));
    expect(describeEnd({ expires_at: null }, NOW)).toBe(messages.worksUntilRevoked);
  });
});

it("the kind of a share names what it contains", () => {
  expect(describeKind({ kind: "images", images: 12 })).toBe("12 photos");
  expect(describeKind({ kind: "album", images: null })).toBe("Album");
  expect(describeKind({ kind: "subscription", images: null })).toBe("Saved search");
});
