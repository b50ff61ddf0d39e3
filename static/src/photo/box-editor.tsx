// The controls of a box that is drawn or changed: handles at its edges, and a form for its label.

import * as controls from "#messages/controls";
import * as messages from "#messages/photo";
import type { Photo } from "./photo";
import "../styles/box-editor.css";
import { useEffect, useRef } from "preact/hooks";
import { ActionButton } from "../ui/action-button";
import { announce } from "../ui/toasts";
import { cancelDraft, draft, placeInMiddle, reshape } from "./box-draft";
import { BoxHandles } from "./box-handles";
import { isSameBox } from "./box-shape";
import { type BoundingBox, toStage } from "./geometry";
import { TagCombobox } from "./tag-combobox";
import type { Viewport } from "./viewport";

interface BoxEditorProps {
  readonly photo: Photo;
  readonly viewport: Viewport;
}

export default function BoxEditor({ photo, viewport }: BoxEditorProps) {
  const [image, view] = [viewport.image.value, viewport.view.value];
  const { value } = draft;
  if (!(image && view && value)) {
    return null;
  }
  const { box, isDrawing } = value;
  const frame = box && toStage(box, view);
  return (
    <>
      <div class="box-editor">
        {frame && (
          <div
            class="box-draft"
            style={{
              left: `${frame.x}px`,
              top: `${frame.y}px`,
              width: `${frame.width}px`,
              height: `${frame.height}px`,
            }}
          >
            {!isDrawing && <BoxHandles box={box} image={image} scale={view.scale} onBox={reshape} />}
          </div>
        )}
      </div>
      {box && !isDrawing ? (
        <LabelForm photo={photo} box={box} />
      ) : (
        <DrawingHint onPlace={() => placeInMiddle(viewport)} />
      )}
    </>
  );
}

/** How to draw a box, with a button that places it without a pointer. */
function DrawingHint({ onPlace }: { onPlace: () => void }) {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => button.current?.focus(), []);
  return (
    <section class="box-form" aria-label={messages.newBox}>
      <p>{messages.drawHint}</p>
      <div class="box-form-buttons">
        <ActionButton label={messages.placeInTheMiddle} size="small" buttonRef={button} onClick={onPlace} />
        <ActionButton label={controls.cancel} kind="quiet" size="small" onClick={cancelDraft} />
      </div>
    </section>
  );
}

function LabelForm({ photo, box }: { photo: Photo; box: BoundingBox }) {
  const detection = draft.value?.detection ?? null;
  const save = (label: string) => {
    cancelDraft();
    if (!detection) {
      announce(messages.boxAdded(label));
      void photo.drawBox(label, box);
      return;
    }
    const isMoved = !isSameBox(box, detection.box);
    if (isMoved || label !== detection.label) {
      announce(messages.boxChanged(label));
      void photo.changeBox(detection.id, { label, ...(isMoved && { box }) });
    }
  };
  return (
    <section class="box-form" aria-label={detection ? messages.boxOf(detection.label) : messages.newBox}>
      <TagCombobox
        key={detection?.id ?? "new"}
        label={messages.label}
        action={messages.saveBox}
        initial={detection?.label ?? ""}
        onTag={save}
        onCancel={cancelDraft}
      />
      <ActionButton label={controls.cancel} kind="quiet" onClick={cancelDraft} />
    </section>
  );
}
