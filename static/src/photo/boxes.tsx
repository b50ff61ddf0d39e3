// The bounding boxes over the photo. They are drawn in screen pixels, so that lines and labels stay sharp when zooming.

import * as messages from "#messages/photo";
import { normalize } from "../library/tag-names";
import type { Detection } from "../schemas";
import { nameOf } from "./box-text";
import { showsBoxes } from "./display-options";
import { spreadLabels, toStage, type View } from "./geometry";
import { clickedDetection, highlight, highlightOnHover, isHighlighted } from "./highlight";

const LABEL_ROOM = 24;
const LABEL_INSET = 6;
const LABEL_HEIGHT = 20;
const LETTER_WIDTH = 7.5; // approximate

export function Boxes({ detections, view }: { detections: readonly Detection[]; view: View }) {
  const shown = showsBoxes.value ? detections : detections.filter(isHighlighted);
  const labels = shown.map((detection) => ({ detection, ...labelPlace(detection, view) })); // highest confidence first
  return (
    // biome-ignore lint/a11y/useSemanticElements: SVG has no fieldset
    <svg class={highlight.value ? "boxes some-lit" : "boxes"} role="group" aria-label={messages.boxes}>
      <filter id="label-ground" x="-0.06" y="-0.12" width="1.12" height="1.24">
        <feFlood class="box-label-ground" />
        <feComposite in="SourceGraphic" operator="over" />
      </filter>
      {shown.map((detection) => (
        <Box key={detection.id} detection={detection} view={view} />
      ))}
      {/* biome-ignore lint/a11y/noAriaHiddenOnFocusable: labels can't be focused; the boxes have the same names */}
      <g aria-hidden="true">
        {spreadLabels(labels, LABEL_HEIGHT).map(({ detection, x, y }) => (
          <text key={detection.id} class={classOf(detection, "box-label")} filter="url(#label-ground)" x={x} y={y}>
            {nameOf(detection)}
          </text>
        ))}
      </g>
    </svg>
  );
}

/** Place a label above its box, or inside where the stage ends. */
function labelPlace(detection: Detection, view: View) {
  const { x, y, width } = toStage(detection.box, view);
  return {
    x: Math.max(x, Math.min(0, x + width - LABEL_ROOM)) + LABEL_INSET,
    y: y > LABEL_ROOM ? y - LABEL_INSET : Math.max(y, 0) + LABEL_ROOM - LABEL_INSET,
    width: nameOf(detection).length * LETTER_WIDTH + 2 * LABEL_INSET,
  };
}

function classOf(detection: Detection, name: string): string {
  return isHighlighted(detection) ? `${name} lit` : name;
}

function Box({ detection, view }: { detection: Detection; view: View }) {
  const { x, y, width, height } = toStage(detection.box, view);
  const choose = () => {
    clickedDetection.value = detection.id;
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: SVG has no button
    <g
      class={classOf(detection, "box")}
      role="button"
      tabIndex={0}
      aria-label={nameOf(detection)}
      data-detection={detection.id}
      onClick={choose}
      onKeyDown={(event) => {
        if (event.key === "Enter") {
          event.preventDefault();
          choose();
        }
      }}
      {...highlightOnHover(normalize(detection.label))}
    >
      <rect class="box-edge" x={x} y={y} width={width} height={height} rx={2} />
      <rect class="box-line" x={x} y={y} width={width} height={height} rx={2} />
    </g>
  );
}
