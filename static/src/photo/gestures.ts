// Gestures on the stage: wheel, pinch, double click or tap, drag, swipe.

import type { RefObject } from "preact";
import type { Pen } from "./box-draft";
import { atSide } from "./direction";
import { distance, middle, type Point } from "./geometry";
import { STILL, type Viewport } from "./viewport";

const DOUBLE_CLICK_ZOOM = 3;
const DRAG_PIXELS = 5; // a shorter move is a tap
const SWIPE_PIXELS = 60;
const TAP_MS = 320;
const TAP_PIXELS = 30;
const WHEEL_SPEED = 0.002;
const PINCH_WHEEL_SPEED = 0.01; // trackpads send pinches as small wheel steps with Ctrl

/**
 * Return event handlers for the stage, and `end`, which ends all gestures without an effect. While the pen is active, a
 * drag draws.
 *
 * `turn` goes to the next (1) or previous (-1) photo, `close` to the library.
 */
export function gestures(
  stage: RefObject<HTMLElement | null>,
  viewport: Viewport,
  turn: (direction: 1 | -1) => void,
  close: () => void,
  pen: Pen,
) {
  const fingers = new Map<number, Point>();
  let start: Point = { x: 0, y: 0 };
  let moved = false;
  let isDrawn = false; // whether the current drag draws
  let lastTap = { at: 0, x: 0, y: 0 };

  const pointOf = (event: MouseEvent): Point => {
    const frame = stage.current?.getBoundingClientRect();
    return { x: event.clientX - (frame?.left ?? 0), y: event.clientY - (frame?.top ?? 0) };
  };

  const drag = (before: Point, now: Point, isTouch: boolean) => {
    if (viewport.isZoomed.value) {
      viewport.pan({ x: now.x - before.x, y: now.y - before.y });
    } else if (isTouch) {
      const [across, down] = [now.x - start.x, now.y - start.y];
      viewport.swipe.value = Math.abs(across) > down ? { x: across, y: 0 } : { x: 0, y: down };
    }
  };

  const tap = (event: PointerEvent, at: Point) => {
    if (event.timeStamp - lastTap.at > TAP_MS || distance(lastTap, at) > TAP_PIXELS) {
      lastTap = { at: event.timeStamp, ...at };
      return;
    }
    lastTap = { at: 0, x: 0, y: 0 };
    if (viewport.isZoomed.value) {
      viewport.reset();
    } else {
      viewport.zoom(DOUBLE_CLICK_ZOOM, at);
    }
  };

  const lift = (event: PointerEvent) => {
    const wasDown = fingers.delete(event.pointerId);
    const swiped = viewport.swipe.value;
    viewport.swipe.value = STILL;
    if (pen.isActive()) {
      endLine(event);
    } else if (wasDown && event.type === "pointerup" && fingers.size === 0) {
      if (moved) {
        endSwipe(swiped, turn, close);
      } else {
        tap(event, pointOf(event));
      }
    }
  };

  const endLine = (event: PointerEvent | null) => {
    if (isDrawn) {
      event?.type === "pointerup" ? pen.lift(start, pointOf(event)) : pen.cancel();
    }
    isDrawn = false;
  };

  const end = () => {
    fingers.clear();
    viewport.swipe.value = STILL;
    endLine(null);
  };

  return {
    end,
    handlers: {
      onPointerDown: (event: PointerEvent) => {
        if (event.button === 0) {
          moved = fingers.size > 0;
          if (isDrawn) {
            pen.cancel(); // the second finger zooms
          }
          isDrawn = !moved && pen.isActive();
          start = pointOf(event);
          fingers.set(event.pointerId, start);
        }
      },
      onPointerMove: (event: PointerEvent) => {
        if (event.pointerType === "mouse" && !(event.buttons & 1)) {
          fingers.delete(event.pointerId); // the button was released where the browser did not report it
        }
        const before = fingers.get(event.pointerId);
        const now = pointOf(event);
        if (!before || (!moved && distance(start, now) < DRAG_PIXELS)) {
          return;
        }
        if (!moved) {
          moved = true;
          stage.current?.setPointerCapture(event.pointerId);
        }
        if (fingers.size === 2) {
          pinch(viewport, fingers, event.pointerId, now);
        } else if (isDrawn) {
          pen.draw(start, now);
        } else if (!pen.isActive()) {
          drag(before, now, event.pointerType === "touch");
        }
        fingers.set(event.pointerId, now);
      },
      onPointerUp: lift,
      onPointerCancel: lift,
      onPointerLeave: lift,
      onWheel: (event: WheelEvent) => {
        event.preventDefault();
        viewport.zoom(Math.exp(-event.deltaY * (event.ctrlKey ? PINCH_WHEEL_SPEED : WHEEL_SPEED)), pointOf(event));
      },
    },
  };
}

function endSwipe({ x, y }: Point, turn: (direction: 1 | -1) => void, close: () => void): void {
  if (Math.abs(x) > SWIPE_PIXELS) {
    turn(atSide(x < 0 ? 1 : -1));
  } else if (y > SWIPE_PIXELS) {
    close();
  }
}

/** Zoom and pan as one of two fingers moves. */
function pinch(viewport: Viewport, fingers: ReadonlyMap<number, Point>, id: number, now: Point): void {
  const before = [...fingers.values()];
  const after = [...fingers].map(([finger, point]) => (finger === id ? now : point));
  const [a, b, c, d] = [...before, ...after] as [Point, Point, Point, Point];
  const [from, to] = [middle(a, b), middle(c, d)];
  viewport.zoom(distance(c, d) / Math.max(1, distance(a, b)), from);
  viewport.pan({ x: to.x - from.x, y: to.y - from.y });
}
