// The boxes of a photograph as a list: each can be called something else, deleted, and brought back.

import { useSignal, useSignalEffect } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { Detection } from "../schemas";
import { Icon } from "../ui/icon";
import { clickedBox, isLit, lights, lit } from "./look";
import type { Photo } from "./photo";
import { TagInput } from "./tag-combobox";
import { ago, folded, percent } from "./words";

export function Objects({ photo }: { photo: Photo }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const { detections = [], dismissed = [] } = photo.details.value ?? {};
  const done = (change: Promise<void>) => {
    lit.value = null; // its row may go
    void change.then(() => heading.current?.focus());
  };
  if (detections.length + dismissed.length === 0) {
    return null;
  }
  return (
    <section class="panel-part" aria-labelledby="photo-objects">
      <h3 id="photo-objects" ref={heading} tabIndex={-1}>
        Boxes
      </h3>
      <ul class="tag-rows">
        {detections.map((box) => (
          <Row
            key={box.id}
            box={box}
            onLabel={(label) => done(photo.relabel(box.id, label))}
            onDelete={() => done(photo.dismiss(box.id))}
          />
        ))}
      </ul>
      {dismissed.length > 0 && (
        <div class="panel-taken">
          <p class="muted">Deleted by you</p>
          <ul class="chips">
            {dismissed.map((box) => (
              <li key={box.id}>
                <button
                  type="button"
                  class="button small chip-button"
                  aria-label={`Bring back the box ${box.label} ${percent(box.confidence)}`}
                  onClick={() => done(photo.relabel(box.id, box.label))}
                >
                  <Icon name="add" size={16} /> {box.label} {percent(box.confidence)}
                </button>
              </li>
            ))}
          </ul>
        </div>
      )}
    </section>
  );
}

interface RowProps {
  readonly box: Detection;
  readonly onLabel: (label: string) => void;
  readonly onDelete: () => void;
}

function Row({ box, onLabel, onDelete }: RowProps) {
  const isEdited = useSignal(false);
  const button = useRef<HTMLButtonElement>(null);
  useSignalEffect(() => {
    if (clickedBox.value === box.id) {
      clickedBox.value = "";
      button.current?.focus();
    }
  });
  const name = `${box.label} ${percent(box.confidence)}`;
  return (
    <li class={isLit(box) ? "tag-row lit" : "tag-row"} {...lights(folded(box.label), box.id)}>
      <div class="tag-what">
        <p class="shown-name">
          {box.label} <span class="muted">{percent(box.confidence)}</span>
        </p>
        {box.corrected_at && (
          <p class="tag-source">
            taken for {box.detected_label}; by hand, {ago(box.corrected_at)}
          </p>
        )}
      </div>
      <button
        ref={button}
        type="button"
        class="button quiet icon-only"
        aria-label={`Call the box ${name} something else`}
        aria-expanded={isEdited.value}
        onClick={() => {
          isEdited.value = !isEdited.value;
        }}
      >
        <Icon name="edit" size={16} />
      </button>
      <button type="button" class="button quiet icon-only" aria-label={`Delete the box ${name}`} onClick={onDelete}>
        <Icon name="trash" size={16} />
      </button>
      {isEdited.value && (
        <TagInput
          label="What it shows"
          verb="Save"
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
