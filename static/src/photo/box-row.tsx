// A box in the row of its tag. It can be relabelled and removed.

import { useSignal, useSignalEffect } from "@preact/signals";
import { useRef } from "preact/hooks";
import { formatAgo, formatPercent } from "../formats";
import type { Detection } from "../schemas";
import { ActionButton } from "../ui/action-button";
import { clickedDetection, isHighlighted } from "./highlight";
import { TagCombobox } from "./tag-combobox";

interface BoxRowProps {
  readonly detection: Detection;
  readonly onLabel: (label: string) => void;
  readonly onDismiss: () => void;
}

export function BoxRow({ detection, onLabel, onDismiss }: BoxRowProps) {
  const isEdited = useSignal(false);
  const button = useRef<HTMLButtonElement>(null);
  useSignalEffect(() => {
    if (clickedDetection.value === detection.id) {
      clickedDetection.value = "";
      button.current?.focus();
    }
  });
  const { id, label, detected_label: detected, corrected_at: correctedAt, confidence } = detection;
  const name = `${label} ${formatPercent(confidence)}`;
  return (
    <li class={isHighlighted(detection) ? "box-row lit" : "box-row"} data-detection={id}>
      <p class="box-row-text">
        {formatPercent(confidence)}
        {correctedAt && (
          <span class="muted">
            {" "}
            detected as {detected}, changed {formatAgo(correctedAt)}
          </span>
        )}
      </p>
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
        label="Remove box"
        name={`Remove box ${name}`}
        icon="trash"
        iconSize={16}
        kind="quiet"
        isIconOnly
        onClick={onDismiss}
      />
      {isEdited.value && (
        <TagCombobox
          label="New label"
          action="Save"
          onTag={(text) => {
            isEdited.value = false;
            onLabel(text);
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
