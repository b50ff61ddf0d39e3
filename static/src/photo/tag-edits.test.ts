import { describe, expect, it } from "vitest";
import type { TagSource } from "../schemas";
import { edited, inOrder, queued, requestOf } from "./tag-edits";

const NOW = "2026-11-22T12:00:00Z";
const seen = (tag: string, count: number): TagSource => ({
  tag,
  count,
  detected: count,
  confidence: 0.9,
  edited_at: null,
});
const tags = [seen("stop sign", 2), seen("clock", 1)];
const counts = (list: readonly TagSource[]) => list.map(({ tag, count }) => `${tag} ${count}`);

describe("edits", () => {
  it("that wait for the same tag become one", () => {
    const more = { tag: "clock", by: 1 };

    const queue = [more, more, more].reduce(queued, [{ tag: "clock", by: 1 }] as never);

    expect(queue).toEqual([more, { tag: "clock", by: 3 }]);
  });

  it("that cancel each other out are not sent", () => {
    const sent = { tag: "dog", by: 1 };

    expect(queued([sent, { tag: "clock", by: 1 }], { tag: "clock", by: -1 })).toEqual([sent]);
  });

  it("are never added to the one that is being sent, nor to one that takes all away", () => {
    const more = { tag: "clock", by: 1 };
    const none = { tag: "clock", by: null };

    expect(queued([more], more)).toEqual([more, more]);
    expect(queued([more, none], more)).toEqual([more, none, more]);
    expect(queued([more, more], none)).toEqual([more, none]);
  });

  it("show at once: counts change, tags come and go, and none moves", () => {
    const edits = [
      { tag: "stop sign", by: -1 },
      { tag: "dog", by: 2 },
      { tag: "clock", by: null },
    ];

    expect(counts(edited(tags, edits, NOW))).toEqual(["stop sign 1", "dog 2"]);
    expect(edited(tags, edits, NOW)[1]).toEqual({
      tag: "dog",
      count: 2,
      detected: 0,
      confidence: null,
      edited_at: NOW,
    });
    expect(edited(tags, [], NOW)).toEqual(tags);
  });

  it("stay within what an image can have", () => {
    expect(counts(edited(tags, [{ tag: "clock", by: 5000 }], NOW))).toEqual(["stop sign 2", "clock 999"]);
    expect(counts(edited(tags, [{ tag: "clock", by: -5 }], NOW))).toEqual(["stop sign 2"]);
  });

  it("are asked for in the words of the API", () => {
    expect(requestOf({ tag: "dog", by: 2 })).toEqual({ add: [{ tag: "dog", count: 2 }], remove: [] });
    expect(requestOf({ tag: "dog", by: -2 })).toEqual({ add: [], remove: [{ tag: "dog", count: 2 }] });
    expect(requestOf({ tag: "dog", by: null })).toEqual({ add: [], remove: [{ tag: "dog", count: null }] });
  });
});

it("tags keep the order in which they are on show", () => {
  expect(inOrder([seen("dog", 3), ...tags], ["clock", "stop sign"]).map(({ tag }) => tag)).toEqual([
    "clock",
    "stop sign",
    "dog",
  ]);
});
