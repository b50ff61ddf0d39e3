// The tags of a photo as one list: a row for each tag with its count and its boxes, then what the person removed.

import { useRef } from "preact/hooks";
import * as controls from "#messages/controls";
import * as messages from "#messages/photo";
import { normalize } from "../library/tag-names";
import { ActionButton } from "../ui/action-button";
import { announce } from "../ui/toasts";
import { startDrawing } from "./box-draft";
import { nameOf } from "./box-text";
import { highlight } from "./highlight";
import type { Photo } from "./photo";
import { TagCombobox } from "./tag-combobox";
import type { Edit } from "./tag-edits";
import { TagRow } from "./tag-row";

export function TagList({ photo }: { photo: Photo }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const tags = photo.tags.value;
  const boxes = Map.groupBy(photo.boxes.value, ({ label }) => normalize(label));

  const edit = (change: Edit, row?: Element | null) => {
    const neighbour = row?.nextElementSibling ?? row?.previousElementSibling;
    photo.edit(change);
    const count = photo.tags.value.find(({ tag }) => tag === change.tag)?.count ?? 0;
    announce(count ? `${change.tag} ${count}` : messages.tagRemoved(change.tag));
    // If the row was removed, move the focus to its neighbour.
    requestAnimationFrame(() => {
      if (row && !row.isConnected) {
        highlight.value = null;
        (neighbour?.querySelector<HTMLElement>(".tag-remove") ?? heading.current)?.focus();
      }
    });
  };
  const finish = (change: Promise<unknown>) => {
    highlight.value = null; // the change may remove the row
    void change.then(() => requestAnimationFrame(() => isFocusLost() && heading.current?.focus()));
  };

  return (
    <section class="panel-part" aria-labelledby="photo-tags" aria-busy={photo.edits.value.length > 0}>
      <h3 id="photo-tags" ref={heading} tabIndex={-1}>
        {messages.tags}
      </h3>
      {tags.length === 0 && <p class="muted">{messages.noTagsYet}</p>}
      <ul class="tag-rows">
        {tags.map((tag) => (
          <TagRow
            key={tag.tag}
            source={tag}
            boxes={boxes.get(tag.tag) ?? []}
            certain={photo.details.value?.certain[tag.tag] ?? 0}
            edit={edit}
            onConfirm={({ id, label }) => finish(photo.changeBox(id, { label }))}
            onDismiss={({ id }) => finish(photo.dismiss(id))}
          />
        ))}
      </ul>
      <TagCombobox label={messages.newTag} action={messages.addTag} onTag={(tag) => edit({ tag, by: 1 })} />
      <ActionButton label={messages.drawMissingBox} icon="draw" size="wide" onClick={startDrawing} />
      <Removed
        photo={photo}
        onTag={(tag, count) => edit({ tag, by: count })}
        onBox={(id, label) => finish(photo.changeBox(id, { label }))}
      />
    </section>
  );
}

interface RemovedProps {
  readonly photo: Photo;
  readonly onTag: (tag: string, count: number) => void;
  readonly onBox: (id: string, label: string) => void;
}

/** The detected tags, the keywords of the file and the boxes that the person removed. */
function Removed({ photo, onTag, onBox }: RemovedProps) {
  const dismissed = photo.details.value?.dismissed ?? [];
  if (photo.rejected.value.length + dismissed.length === 0) {
    return null;
  }
  return (
    <div class="panel-removed">
      <p class="muted">{messages.removedTags}</p>
      <ul class="chips">
        {photo.rejected.value.map(({ tag, detected }) => (
          <li key={tag}>
            <ActionButton
              label={tag}
              name={controls.restoreIt(tag)}
              icon="add"
              size="small"
              class="chip-button"
              onClick={() => onTag(tag, Math.max(1, detected))}
            />
          </li>
        ))}
        {dismissed.map((box) => (
          <li key={box.id}>
            <ActionButton
              label={nameOf(box)}
              name={messages.restoreBoxOf(nameOf(box))}
              icon="boxes"
              size="small"
              class="chip-button"
              onClick={() => onBox(box.id, box.label)}
            />
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Whether nothing has the focus, because the element that had it was removed. */
function isFocusLost(): boolean {
  return document.activeElement === null || document.activeElement === document.body;
}
