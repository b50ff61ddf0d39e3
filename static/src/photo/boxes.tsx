// The boxes over the photograph; they are drawn in pixels of the screen, so lines and words stay sharp when one zooms.

import type { Detection } from "../schemas";
import { apart, onStage, type View } from "./geometry";
import { clickedBox, isLit, lights, lit, showsBoxes } from "./look";
import { folded, percent } from "./words";

const BAR = 52; // what covers the top of the stage
const LABEL_ROOM = 24;
const LABEL_INSET = 6;
const LABEL_HEIGHT = 20;
const LETTER = 7.5; // about as wide as one is

export function Boxes({ boxes, view }: { boxes: readonly Detection[]; view: View }) {
  const shown = showsBoxes.value ? boxes : boxes.filter(isLit);
  const wanted = shown.map((box) => ({ box, ...labelPlace(box, view) })); // the surest first
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be drawn
    <svg class={lit.value ? "boxes some-lit" : "boxes"} role="group" aria-label="Boxes">
      <filter id="label-ground" x="-0.06" y="-0.12" width="1.12" height="1.24">
        <feFlood class="box-label-ground" />
        <feComposite in="SourceGraphic" operator="over" />
      </filter>
      {shown.map((box) => (
        <OneBox key={box.id} box={box} view={view} />
      ))}
      {/* biome-ignore lint/a11y/noAriaHiddenOnFocusable: words cannot be focused; the boxes are read out */}
      <g aria-hidden="true">
        {apart(wanted, LABEL_HEIGHT).map(({ box, x, y }) => (
          <text key={box.id} class={classOf(box, "box-label")} filter="url(#label-ground)" x={x} y={y}>
            {nameOf(box)}
          </text>
        ))}
      </g>
    </svg>
  );
}

function nameOf(box: Detection): string {
  return `${box.label} ${percent(box.confidence)}`;
}

/** Over the box, or inside where the stage ends or is covered. */
function labelPlace(box: Detection, view: View) {
  const { x, y, width } = onStage(box.box, view);
  return {
    x: Math.max(x, Math.min(0, x + width - LABEL_ROOM)) + LABEL_INSET,
    y: y > BAR + LABEL_ROOM ? y - LABEL_INSET : Math.max(y, BAR) + LABEL_ROOM - LABEL_INSET,
    width: nameOf(box).length * LETTER + 2 * LABEL_INSET,
  };
}

function classOf(box: Detection, name: string): string {
  return isLit(box) ? `${name} lit` : name;
}

function OneBox({ box, view }: { box: Detection; view: View }) {
  const { x, y, width, height } = onStage(box.box, view);
  const choose = () => {
    clickedBox.value = box.id;
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a button cannot be drawn
    <g
      class={classOf(box, "box")}
      role="button"
      tabIndex={0}
      aria-label={nameOf(box)}
      data-box={box.id}
      onClick={choose}
      onKeyDown={(event) => {
        if (event.key === "Enter") {
          event.preventDefault();
          choose();
        }
      }}
      {...lights(folded(box.label), box.id)}
    >
      <rect class="box-edge" x={x} y={y} width={width} height={height} rx={2} />
      <rect class="box-line" x={x} y={y} width={width} height={height} rx={2} />
    </g>
  );
}
