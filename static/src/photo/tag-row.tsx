// The row of a tag in the panel: its count, which can be changed, the origin of the count, and its boxes.

import { useSignal, useSignalEffect } from "@preact/signals";
import { useRef } from "preact/hooks";
import * as messages from "#messages/photo";
import type { Detection, TagSource } from "../schemas";
import { writeName } from "../search/terms";
import { ActionButton } from "../ui/action-button";
import { TagMark } from "../ui/tag-mark";
import { BoxRow } from "./box-row";
import { CountButton } from "./count-button";
import { clickedDetection, highlight, highlightOnHover } from "./highlight";
import type { Edit } from "./tag-edits";
import { describeSource } from "./tag-source";

const MAX_OPEN = 4; // more boxes are folded at first

export interface TagRowProps {
  readonly source: TagSource;
  readonly boxes: readonly Detection[];
  /** The certain part of the count. */
  readonly certain: number;
  readonly edit: (change: Edit, row?: Element | null) => void;
  readonly onConfirm: (box: Detection) => void;
  readonly onDismiss: (box: Detection) => void;
}

export function TagRow({ source, boxes, certain, edit, onConfirm, onDismiss }: TagRowProps) {
  const { tag } = source;
  const row = useRef<HTMLLIElement>(null);
  const isOpen = useSignal(boxes.length <= MAX_OPEN);
  useSignalEffect(() => {
    if (boxes.some(({ id }) => id === clickedDetection.value)) {
      isOpen.value = true;
    }
  });
  const text = describeSource(source, boxes.length, certain);
  return (
    <li ref={row} class={highlight.value?.tag === tag ? "tag-row lit" : "tag-row"} {...highlightOnHover(tag)}>
      <div class="tag-row-head">
        <TagMark
          tag={
            <a class="tag-row-name" href={`/?q=${encodeURIComponent(writeName(tag))}`} title={messages.showPhotos(tag)}>
              {tag}
            </a>
          }
          count={<Stepper source={source} edit={(by) => edit({ tag, by }, row.current)} />}
        />
        <ActionButton
          label={messages.removeTag}
          name={messages.removeIt(tag)}
          icon="close"
          iconSize={16}
          kind="quiet"
          isIconOnly
          class="tag-remove"
          onClick={() => edit({ tag, by: null }, row.current)}
        />
      </div>
      {boxes.length > MAX_OPEN ? (
        <button
          type="button"
          class="tag-row-source tag-row-fold"
          aria-expanded={isOpen.value}
          aria-label={messages.sourceOf(text, tag)}
          onClick={() => {
            isOpen.value = !isOpen.value;
          }}
        >
          {text}
        </button>
      ) : (
        <p class="tag-row-source">{text}</p>
      )}
      {isOpen.value && boxes.length > 0 && (
        <ul class="box-rows" aria-label={messages.boxesOf(tag)}>
          {boxes.map((detection) => (
            <BoxRow
              key={detection.id}
              detection={detection}
              onConfirm={() => onConfirm(detection)}
              onDismiss={() => onDismiss(detection)}
            />
          ))}
        </ul>
      )}
    </li>
  );
}

interface StepperProps {
  readonly source: TagSource;
  readonly edit: (by: number) => void;
}

function Stepper({ source: { tag, count }, edit }: StepperProps) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset belongs in a form
    <span class="stepper" role="group" aria-label={messages.countOf(tag)}>
      <CountButton tag={tag} count={count} by={-1} edit={edit} />
      <span class="stepper-count">{count}</span>
      <CountButton tag={tag} count={count} by={1} edit={edit} />
    </span>
  );
}
