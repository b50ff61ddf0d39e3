// The detections of a photo as a list. Each can be relabelled, removed and restored.

import { useSignal, useSignalEffect } from "@preact/signals";
import { useRef } from "preact/hooks";
import { formatAgo, formatPercent } from "../formats";
import { normalize } from "../library/tag-names";
import type { Detection } from "../schemas";
import { ActionButton } from "../ui/action-button";
import { clickedDetection, highlight, highlightOnHover, isHighlighted } from "./highlight";
import type { Photo } from "./photo";
import { TagCombobox } from "./tag-combobox";

export function Detections({ photo }: { photo: Photo }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const { detections = [], dismissed = [] } = photo.details.value ?? {};
  const finish = (change: Promise<void>) => {
    highlight.value = null; // the change may remove the row
    void change.then(() => heading.current?.focus());
  };
  if (detections.length + dismissed.length === 0) {
    return null;
  }
  return (
    <section class="panel-part" aria-labelledby="photo-detections">
      <h3 id="photo-detections" ref={heading} tabIndex={-1}>
        Detections
      </h3>
      <ul class="panel-rows">
        {detections.map((detection) => (
          <Row
            key={detection.id}
            detection={detection}
            onLabel={(label) => finish(photo.relabel(detection.id, label))}
            onRemove={() => finish(photo.dismiss(detection.id))}
          />
        ))}
      </ul>
      {dismissed.length > 0 && (
        <div class="panel-removed">
          <p class="muted">Removed</p>
          <ul class="chips">
            {dismissed.map((detection) => (
              <li key={detection.id}>
                <ActionButton
                  label={`${detection.label} ${formatPercent(detection.confidence)}`}
                  name={`Restore detection ${detection.label} ${formatPercent(detection.confidence)}`}
                  icon="add"
                  size="small"
                  class="chip-button"
                  onClick={() => finish(photo.relabel(detection.id, detection.label))}
                />
              </li>
            ))}
          </ul>
        </div>
      )}
    </section>
  );
}

interface RowProps {
  readonly detection: Detection;
  readonly onLabel: (label: string) => void;
  readonly onRemove: () => void;
}

function Row({ detection, onLabel, onRemove }: RowProps) {
  const isEdited = useSignal(false);
  const button = useRef<HTMLButtonElement>(null);
  useSignalEffect(() => {
    if (clickedDetection.value === detection.id) {
      clickedDetection.value = "";
      button.current?.focus();
    }
  });
  const name = `${detection.label} ${formatPercent(detection.confidence)}`;
  return (
    <li
      class={isHighlighted(detection) ? "panel-row lit" : "panel-row"}
      {...highlightOnHover(normalize(detection.label), detection.id)}
    >
      <div class="panel-row-text">
        <p class="panel-row-name">
          {detection.label} <span class="muted">{formatPercent(detection.confidence)}</span>
        </p>
        {detection.corrected_at && (
          <p class="panel-row-source">
            detected as {detection.detected_label}, changed {formatAgo(detection.corrected_at)}
          </p>
        )}
      </div>
      <ActionButton
        label="Change label"
        name={`Change label of ${name}`}
        icon="edit"
        iconSize={16}
        kind="quiet"
        isIconOnly
        buttonRef={button}
        aria-expanded={isEdited.value}
        onClick={() => {
          isEdited.value = !isEdited.value;
        }}
      />
      <ActionButton
        label="Remove detection"
        name={`Remove detection ${name}`}
        icon="trash"
        iconSize={16}
        kind="quiet"
        isIconOnly
        onClick={onRemove}
      />
      {isEdited.value && (
        <TagCombobox
          label="New label"
          action="Save"
          onTag={(label) => {
            isEdited.value = false;
            onLabel(label);
          }}
          onCancel={() => {
            isEdited.value = false;
            button.current?.focus();
          }}
        />
      )}
    </li>
  );
}
