// The tags of a photograph: how many there are, where each comes from; and those that were taken away.

import { useRef } from "preact/hooks";
import type { TagSource } from "../schemas";
import { Icon } from "../ui/icon";
import { announce } from "../ui/toasts";
import { lights, lit } from "./look";
import type { Photo } from "./photo";
import { TagInput } from "./tag-combobox";
import type { Edit } from "./tag-edits";
import { sourceOf } from "./words";

const MOST = 999;

export function Tags({ photo }: { photo: Photo }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const tags = photo.tags.value;

  const edit = (change: Edit, row?: Element | null) => {
    const near = row?.nextElementSibling ?? row?.previousElementSibling;
    photo.edit(change);
    const count = photo.tags.value.find(({ tag }) => tag === change.tag)?.count ?? 0;
    announce(count ? `${change.tag} ${count}` : `${change.tag} removed`);
    // The focus must not go with a row.
    requestAnimationFrame(() => {
      if (row && !row.isConnected) {
        lit.value = null;
        (near?.querySelector<HTMLElement>(".tag-remove") ?? heading.current)?.focus();
      }
    });
  };

  return (
    <section class="panel-part" aria-labelledby="photo-tags" aria-busy={photo.edits.value.length > 0}>
      <h3 id="photo-tags" ref={heading} tabIndex={-1}>
        Tags
      </h3>
      {tags.length === 0 && <p class="muted">None yet. Add what the photograph shows.</p>}
      <ul class="tag-rows">
        {tags.map((tag) => (
          <Row key={tag.tag} tag={tag} edit={edit} />
        ))}
      </ul>
      <TagInput label="Add a tag" verb="Add" onTag={(tag) => edit({ tag, by: 1 })} />
      {photo.rejected.value.length > 0 && (
        <div class="panel-taken">
          <p class="muted">Taken away by you</p>
          <ul class="chips">
            {photo.rejected.value.map(({ tag, detected }) => (
              <li key={tag}>
                <button
                  type="button"
                  class="button small chip-button"
                  aria-label={`Bring back ${tag}`}
                  onClick={() => edit({ tag, by: detected })}
                >
                  <Icon name="add" size={16} /> {tag}
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
  readonly tag: TagSource;
  readonly edit: (change: Edit, row?: Element | null) => void;
}

function Row({ tag: source, edit }: RowProps) {
  const { tag, count } = source;
  const row = useRef<HTMLLIElement>(null);
  return (
    <li ref={row} class={lit.value?.tag === tag ? "tag-row lit" : "tag-row"} {...lights(tag)}>
      <div class="tag-what">
        <a class="shown-name" href={`/?q=${encodeURIComponent(tag)}`} title={`All photographs with ${tag}`}>
          {tag}
        </a>
        <p class="tag-source">{sourceOf(source)}</p>
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms */}
      <div class="stepper" role="group" aria-label={`Number of ${tag}`}>
        <button
          type="button"
          class="button quiet icon-only"
          aria-label={`One ${tag} less`}
          onClick={() => edit({ tag, by: -1 }, row.current)}
        >
          <Icon name="minus" size={16} />
        </button>
        <span class="stepper-count">{count}</span>
        <button
          type="button"
          class="button quiet icon-only"
          aria-label={`One ${tag} more`}
          aria-disabled={count >= MOST}
          onClick={() => count < MOST && edit({ tag, by: 1 })}
        >
          <Icon name="add" size={16} />
        </button>
      </div>
      <button
        type="button"
        class="button quiet icon-only tag-remove"
        aria-label={`Remove ${tag}`}
        onClick={() => edit({ tag, by: null }, row.current)}
      >
        <Icon name="close" size={16} />
      </button>
    </li>
  );
}
