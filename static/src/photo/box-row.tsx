// A box in the row of its tag. It can be confirmed, changed and removed.

import { useSignalEffect } from "@preact/signals";
import { useRef } from "preact/hooks";
import * as messages from "#messages/photo";
import type { Detection } from "../schemas";
import { ActionButton, type ActionButtonProps } from "../ui/action-button";
import { editBox } from "./box-draft";
import { describeBox, nameOf } from "./box-text";
import { clickedDetection, isHighlighted } from "./highlight";

interface BoxRowProps {
  readonly detection: Detection;
  readonly onConfirm: () => void;
  readonly onDismiss: () => void;
}

export function BoxRow({ detection, onConfirm, onDismiss }: BoxRowProps) {
  const button = useRef<HTMLButtonElement>(null);
  useSignalEffect(() => {
    if (clickedDetection.value === detection.id) {
      clickedDetection.value = "";
      button.current?.focus();
    }
  });
  const name = nameOf(detection);
  return (
    <li class={isHighlighted(detection) ? "box-row lit" : "box-row"} data-detection={detection.id}>
      <p class="box-row-text">{describeBox(detection)}</p>
      {detection.source === "model" && detection.corrected_at === null && (
        <BoxButton label={messages.confirmBox} name={messages.confirmBoxOf(name)} icon="check" onClick={onConfirm} />
      )}
      <BoxButton
        label={messages.changeBox}
        name={messages.changeBoxOf(name)}
        icon="edit"
        buttonRef={button}
        onClick={() => editBox(detection)}
      />
      <BoxButton label={messages.removeBox} name={messages.removeBoxOf(name)} icon="trash" onClick={onDismiss} />
    </li>
  );
}

function BoxButton(props: ActionButtonProps) {
  return <ActionButton iconSize={16} kind="quiet" isIconOnly {...props} />;
}
