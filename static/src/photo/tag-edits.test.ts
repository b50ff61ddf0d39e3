import { describe, expect, it } from "vitest";
import type { TagSource } from "../schemas";
import { applyEdits, editRequest, enqueue, keepOrder } from "./tag-edits";

const NOW = "2026-11-22T12:00:00Z";
const detected = (tag: string, count: number): TagSource => ({
  tag,
  count,
  source: "detected",
  in_file: false,
  detected: count,
  confidence: 0.9,
  edited_at: null,
});
const tags = [detected("stop sign", 2), detected("clock", 1)];
const counts = (list: readonly TagSource[]) => list.map(({ tag, count }) => `${tag} ${count}`);

describe("edits", () => {
  it("of the same tag are merged while they wait", () => {
    const more = { tag: "clock", by: 1 };

    const queue = [more, more, more].reduce(enqueue, [{ tag: "clock", by: 1 }] as never);

    expect(queue).toEqual([more, { tag: "clock", by: 3 }]);
  });

  it("that cancel each other out are removed", () => {
    const sent = { tag: "dog", by: 1 };

    expect(enqueue([sent, { tag: "clock", by: 1 }], { tag: "clock", by: -1 })).toEqual([sent]);
  });

  it("are never merged with the one being sent, or with a removal", () => {
    const more = { tag: "clock", by: 1 };
    const none = { tag: "clock", by: null };

    expect(enqueue([more], more)).toEqual([more, more]);
    expect(enqueue([more, none], more)).toEqual([more, none, more]);
    expect(enqueue([more, more], none)).toEqual([more, none]);
  });

  it("change counts, add tags and remove tags in place", () => {
    const edits = [
      { tag: "stop sign", by: -1 },
      { tag: "dog", by: 2 },
      { tag: "clock", by: null },
    ];

    expect(counts(applyEdits(tags, edits, NOW))).toEqual(["stop sign 1", "dog 2"]);
    expect(applyEdits(tags, edits, NOW)[1]).toEqual({
      tag: "dog",
      count: 2,
      source: "hand",
      in_file: false,
      detected: 0,
      confidence: null,
      edited_at: NOW,
    });
    expect(applyEdits(tags, [], NOW)).toEqual(tags);
  });

  it("stay within the limits", () => {
    expect(counts(applyEdits(tags, [{ tag: "clock", by: 5000 }], NOW))).toEqual(["stop sign 2", "clock 999"]);
    expect(counts(applyEdits(tags, [{ tag: "clock", by: -5 }], NOW))).toEqual(["stop sign 2"]);
  });

  it("are sent as the API expects", () => {
    expect(editRequest({ tag: "dog", by: 2 })).toEqual({ add: [{ tag: "dog", count: 2 }], remove: [] });
    expect(editRequest({ tag: "dog", by: -2 })).toEqual({ add: [], remove: [{ tag: "dog", count: 2 }] });
    expect(editRequest({ tag: "dog", by: null })).toEqual({ add: [], remove: [{ tag: "dog", count: null }] });
  });
});

it("tags keep their order on the screen", () => {
  expect(keepOrder([detected("dog", 3), ...tags], ["clock", "stop sign"]).map(({ tag }) => tag)).toEqual([
    "clock",
    "stop sign",
    "dog",
  ]);
});
