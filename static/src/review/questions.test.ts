import { expect, it } from "vitest";
import type { Detection } from "../schemas";
import { questionsOf } from "./questions";

const BOX = { x1: 0, y1: 0, x2: 10, y2: 10 };

function box(id: string, label: string, certain = false): Detection {
  const confidence = certain ? 0.9 : 0.2;
  const model = { source: "model", detected_label: label, corrected_at: null, detected_box: null } as const;
  return { id, label, certain, confidence, box: BOX, ...model };
}

function tag(name: string, count: number) {
  return {
    tag: name,
    count,
    source: "detected",
    in_file: false,
    detected: count,
    confidence: 0.9,
    edited_at: null,
  } as const;
}

const IMAGE = {
  tags: [tag("person", 3), tag("dog", 1), tag("cat", 2)],
  certain: { person: 1, cat: 2 },
  detections: [box("a", "Person", true), box("b", "person"), box("c", "person"), box("d", "dog"), box("e", "cat")],
};

it("uncertain boxes of tags with uncertain counts are asked", () => {
  expect(questionsOf(IMAGE, new Set()).map(({ id }) => id)).toEqual(["b", "c", "d"]);
});

it("decided boxes are not asked again", () => {
  expect(questionsOf(IMAGE, new Set(["b", "d"])).map(({ id }) => id)).toEqual(["c"]);
});
