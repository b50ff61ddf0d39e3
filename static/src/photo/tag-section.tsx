// The tags of a photo: their counts and sources, and the detected tags that were removed.

import { useRef } from "preact/hooks";
import type { TagSource } from "../schemas";
import { writeName } from "../search/terms";
import { ActionButton } from "../ui/action-button";
import { announce } from "../ui/toasts";
import { highlight, highlightOnHover } from "./highlight";
import type { Photo } from "./photo";
import { TagCombobox } from "./tag-combobox";
import type { Edit } from "./tag-edits";
import { describeSource } from "./tag-source";

const MAX_COUNT = 999;

export function TagSection({ photo }: { photo: Photo }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const tags = photo.tags.value;

  const edit = (change: Edit, row?: Element | null) => {
    const neighbour = row?.nextElementSibling ?? row?.previousElementSibling;
    photo.edit(change);
    const count = photo.tags.value.find(({ tag }) => tag === change.tag)?.count ?? 0;
    announce(count ? `${change.tag} ${count}` : `${change.tag} removed`);
    // If the row was removed, move the focus to its neighbour.
    requestAnimationFrame(() => {
      if (row && !row.isConnected) {
        highlight.value = null;
        (neighbour?.querySelector<HTMLElement>(".tag-remove") ?? heading.current)?.focus();
      }
    });
  };

  return (
    <section class="panel-part" aria-labelledby="photo-tags" aria-busy={photo.edits.value.length > 0}>
      <h3 id="photo-tags" ref={heading} tabIndex={-1}>
        Tags
      </h3>
      {tags.length === 0 && <p class="muted">No tags yet.</p>}
      <ul class="panel-rows">
        {tags.map((tag) => (
          <Row key={tag.tag} tag={tag} edit={edit} />
        ))}
      </ul>
      <TagCombobox label="New tag" action="Add tag" onTag={(tag) => edit({ tag, by: 1 })} />
      {photo.rejected.value.length > 0 && (
        <div class="panel-removed">
          <p class="muted">Removed</p>
          <ul class="chips">
            {photo.rejected.value.map(({ tag, detected }) => (
              <li key={tag}>
                <ActionButton
                  label={tag}
                  name={`Restore ${tag}`}
                  icon="add"
                  size="small"
                  class="chip-button"
                  onClick={() => edit({ tag, by: Math.max(1, detected) })}
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
  readonly tag: TagSource;
  readonly edit: (change: Edit, row?: Element | null) => void;
}

function Row({ tag: source, edit }: RowProps) {
  const { tag, count } = source;
  const row = useRef<HTMLLIElement>(null);
  return (
    <li ref={row} class={highlight.value?.tag === tag ? "panel-row lit" : "panel-row"} {...highlightOnHover(tag)}>
      <div class="panel-row-text">
        <a class="panel-row-name" href={`/?q=${encodeURIComponent(writeName(tag))}`} title={`Show photos with ${tag}`}>
          {tag}
        </a>
        <p class="panel-row-source">{describeSource(source)}</p>
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset belongs in a form */}
      <div class="stepper" role="group" aria-label={`Count of ${tag}`}>
        <ActionButton
          label="Decrease count"
          name={`Decrease count of ${tag}`}
          icon="minus"
          iconSize={16}
          kind="quiet"
          isIconOnly
          onClick={() => edit({ tag, by: -1 }, row.current)}
        />
        <span class="stepper-count">{count}</span>
        <ActionButton
          label="Increase count"
          name={`Increase count of ${tag}`}
          icon="add"
          iconSize={16}
          kind="quiet"
          isIconOnly
          aria-disabled={count >= MAX_COUNT}
          onClick={() => count < MAX_COUNT && edit({ tag, by: 1 })}
        />
      </div>
      <ActionButton
        label="Remove tag"
        name={`Remove ${tag}`}
        icon="close"
        iconSize={16}
        kind="quiet"
        isIconOnly
        class="tag-remove"
        onClick={() => edit({ tag, by: null }, row.current)}
      />
    </li>
  );
}
