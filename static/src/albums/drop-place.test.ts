import { expect, it } from "vitest";
import { layOut } from "../library/rows";
import { dropPlaceAt } from "./drop-place";

const images = Array.from({ length: 5 }, (_, index) => ({ id: String(index), width: 400, height: 300 }));
const group = { key: "hand", heading: "", note: "", first: 0, end: images.length };
const layout = layOut(images, { width: 800, target: 200, gap: 10, heading: 40 }, [group]);

it.each([
  [{ x: 0, y: 0 }, 0],
  [{ x: 300, y: 100 }, 1],
  [{ x: 799, y: 100 }, 3],
  [{ x: 0, y: 230 }, 3],
  [{ x: 799, y: 5000 }, 5],
  [{ x: -50, y: -50 }, 0],
])("a drag to %j ends before image %i", (point, index) => {
  expect(dropPlaceAt(layout, point)?.index).toBe(index);
});

it("the line is at the edge of the image", () => {
  const [row] = layout.rows;

  expect(dropPlaceAt(layout, { x: 0, y: 0 })).toEqual({ index: 0, left: 0, top: 0, height: row?.height });
});

it("an empty list has no place", () => {
  expect(dropPlaceAt({ sections: [], rows: [], height: 0 }, { x: 0, y: 0 })).toBeNull();
});
