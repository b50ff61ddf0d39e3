// The handles of a box: the edges are sliders for all people, the corners and the middle also follow a pointer.

import { useRef } from "preact/hooks";
import * as messages from "#messages/photo";
import { EDGES, type Edge, isUpright, moveBox, moveEdges, placeOf } from "./box-shape";
import type { BoundingBox, Point, Size } from "./geometry";

const STEP_PIXELS = 8; // of the screen, for a press of an arrow key
const FINE_PIXELS = 1; // with Shift
const ROOMY_PIXELS = 84; // a smaller box has no room for all handles

const CORNERS = [
  ["left", "top"],
  ["right", "top"],
  ["left", "bottom"],
  ["right", "bottom"],
] as const;

const ARROWS: Readonly<Record<string, Point>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

interface BoxHandlesProps {
  readonly box: BoundingBox;
  readonly image: Size;
  /** CSS pixels per pixel of the image. */
  readonly scale: number;
  readonly onBox: (box: BoundingBox) => void;
}

export function BoxHandles({ box, image, scale, onBox }: BoxHandlesProps) {
  const isRoomy = Math.min(box.x2 - box.x1, box.y2 - box.y1) * scale > ROOMY_PIXELS;
  const follow = useDrag(box, scale);
  const resize = (edges: readonly Edge[]) => follow((start, by) => onBox(moveEdges(start, edges, by, image)));
  const arrows = (move: (by: Point) => BoundingBox, allows: (key: string) => boolean) => (event: KeyboardEvent) => {
    const arrow = ARROWS[event.key];
    if (arrow && allows(event.key)) {
      event.preventDefault();
      const step = (event.shiftKey ? FINE_PIXELS : STEP_PIXELS) / scale;
      onBox(move({ x: arrow.x * step, y: arrow.y * step }));
    }
  };
  return (
    <>
      {isRoomy &&
        CORNERS.map((edges) => (
          <span key={edges.join()} class="box-handle corner" data-place={edges.join(" ")} {...resize(edges)} />
        ))}
      {isRoomy && (
        <button
          type="button"
          class="box-handle"
          data-place="middle"
          aria-label={messages.moveBox}
          title={messages.moveBoxHint}
          {...follow((start, by) => onBox(moveBox(start, by, image)))}
          onKeyDown={arrows(
            (by) => moveBox(box, by, image),
            () => true,
          )}
        />
      )}
      {EDGES.map((edge) => (
        <span
          key={edge}
          class="box-handle"
          data-place={edge}
          role="slider"
          tabIndex={0}
          aria-label={messages.edges[edge]}
          aria-orientation={isUpright(edge) ? "horizontal" : "vertical"}
          aria-valuemin={0}
          aria-valuemax={isUpright(edge) ? image.width : image.height}
          aria-valuenow={Math.round(placeOf(box, edge))}
          {...resize([edge])}
          onKeyDown={arrows(
            (by) => moveEdges(box, [edge], by, image),
            (key) => isUpright(edge) === (key === "ArrowLeft" || key === "ArrowRight"),
          )}
        />
      ))}
    </>
  );
}

/** Return a function that returns event handlers, which report the distance of a drag in pixels of the image. */
function useDrag(box: BoundingBox, scale: number) {
  const drag = useRef<{ readonly box: BoundingBox; readonly x: number; readonly y: number } | null>(null);
  return (move: (start: BoundingBox, by: Point) => void) => ({
    onPointerDown: (event: PointerEvent) => {
      if (event.button === 0) {
        (event.currentTarget as Element).setPointerCapture(event.pointerId);
        drag.current = { box, x: event.clientX, y: event.clientY };
      }
    },
    onPointerMove: (event: PointerEvent) => {
      const start = drag.current;
      if (start && (event.currentTarget as Element).hasPointerCapture(event.pointerId)) {
        move(start.box, { x: (event.clientX - start.x) / scale, y: (event.clientY - start.y) / scale });
      }
    },
    onLostPointerCapture: () => {
      drag.current = null;
    },
  });
}
