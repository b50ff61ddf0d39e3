// All tags, the most frequent first. Each links to its photos and can be renamed or merged.

import { useComputed, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import * as controls from "#messages/controls";
import { formatPhotos } from "#messages/formats";
import * as messages from "#messages/tags";
import { get, post } from "../api";
import { wordsFor } from "../http";
import { describeSummary } from "../library/bulk";
import { BulkDialog } from "../library/bulk-dialog";
import { imagesWith, renameTag, restoreImages, retag } from "../library/feed-updates";
import { everything } from "../library/feeds";
import { describeChange, partOf } from "../library/selected-edit";
import { normalize } from "../library/tag-names";
import { offerUndo } from "../library/undo";
import type { TagTotal } from "../schemas";
import { TagCover } from "../search/tag-cover";
import { writeName } from "../search/terms";
import { ActionButton } from "../ui/action-button";
import { Field } from "../ui/field";
import { fill } from "../ui/fill";
import { Icon } from "../ui/icon";
import { Empty, Failed } from "../ui/notice";
import { Page } from "../ui/page";
import { pickFiles } from "../upload/picker";
import "../styles/manage.css";

export default function Tags() {
  const tags = useSignal<readonly TagTotal[] | null>(null);
  const problem = useSignal("");
  const filter = useSignal("");
  const chosen = useSignal<TagTotal | null>(null);
  const shown = useComputed(() => (tags.value ?? []).filter(({ tag }) => tag.includes(normalize(filter.value))));
  const load = async () => {
    problem.value = "";
    try {
      tags.value = (await get("/tags")).tags;
    } catch (error) {
      problem.value = wordsFor(error);
    }
  };
  useEffect(() => {
    void load();
  }, []);
  if (problem.value && !tags.value) {
    return <Failed text={problem.value} onRetry={() => void load()} />;
  }
  if (tags.value?.length === 0) {
    return <NoTags />;
  }
  return (
    <Page title={messages.tags} lead={tags.value ? <Total tags={tags.value} /> : messages.objectsInYourPhotos}>
      <div class="tag-filter">
        <Field
          label={messages.filterTags}
          value={filter.value}
          onValue={(text) => {
            filter.value = text;
          }}
          input={{ type: "search", autocomplete: "off", spellcheck: false }}
        />
      </div>
      {tags.value ? (
        <TagCards
          tags={shown.value}
          onRename={(tag) => {
            chosen.value = tag;
          }}
        />
      ) : (
        <div class="list-loading skeleton" role="status" aria-busy="true" aria-label={controls.loading} />
      )}
      {chosen.value && (
        <RenameDialog
          tag={chosen.value}
          all={tags.value ?? []}
          onDone={() => void load()}
          onClose={() => {
            chosen.value = null;
          }}
        />
      )}
    </Page>
  );
}

function NoTags() {
  return (
    <Page title={messages.tags}>
      <Empty
        icon="tag"
        title={messages.noTagsYet}
        actions={<ActionButton label={messages.choosePhotos} icon="upload" kind="primary" onClick={pickFiles} />}
      >
        <p>{messages.noTagsText}</p>
      </Empty>
    </Page>
  );
}

function Total({ tags }: { tags: readonly TagTotal[] }) {
  const objects = tags.reduce((total, tag) => total + tag.objects, 0);
  return <>{messages.totals(tags.length, objects)}</>;
}

interface TagCardsProps {
  readonly tags: readonly TagTotal[];
  readonly onRename: (tag: TagTotal) => void;
}

function TagCards({ tags, onRename }: TagCardsProps) {
  if (tags.length === 0) {
    return <p class="muted">{messages.noMatchingTags}</p>;
  }
  return (
    <ul class="tag-cards">
      {tags.map((total) => (
        <li key={total.tag} class="tag-card">
          <a class="tag-name" href={`/?q=${encodeURIComponent(writeName(total.tag))}`}>
            <TagCover tag={total.tag} />
            <span class="tag-title">{total.tag}</span>
          </a>
          <span class="tag-numbers">
            {formatPhotos(total.images)}, <span class="tag-objects">{messages.objectsIn(total.objects)}</span>
          </span>
          <ActionButton
            label={messages.renameOrMerge}
            name={messages.renameIt(total.tag)}
            icon="rename"
            iconSize={18}
            kind="quiet"
            isIconOnly
            onClick={() => onRename(total)}
          />
        </li>
      ))}
    </ul>
  );
}

interface RenameDialogProps {
  readonly tag: TagTotal;
  readonly all: readonly TagTotal[];
  readonly onDone: () => void;
  readonly onClose: () => void;
}

function RenameDialog({ tag: { tag, images }, all, onDone, onClose }: RenameDialogProps) {
  const name = useSignal(tag);
  const newTag = normalize(name.value);
  const other = all.find((total) => total.tag === newTag && newTag !== tag);
  return (
    <BulkDialog
      title={messages.renameIt(tag)}
      target={{ query: tag }}
      size={images}
      call={
        newTag && newTag !== tag
          ? ({ cursor = null, dry_run = false }, _key, operation) =>
              post("/tags/rename", {
                body: { old: tag, new: name.value.trim(), cursor, dry_run, ...partOf(operation) },
              })
          : null
      }
      inputs={newTag}
      describe={describeChange}
      action={other ? messages.mergeTags : messages.renameTag}
      onDone={(summary) => {
        const before = imagesWith(everything(), summary.changed);
        retag(everything(), summary.changed, (tags) => renameTag(tags, tag, name.value));
        offerUndo({
          operation: summary.operation,
          text: describeSummary(summary),
          size: summary.changed.length,
          onUndone: (ids) => {
            restoreImages(
              everything(),
              before.filter(({ id }) => ids.has(id)),
            );
            onDone();
          },
        });
        onDone();
      }}
      onClose={onClose}
    >
      <Field
        label={messages.newName}
        value={name.value}
        onValue={(text) => {
          name.value = text;
        }}
        input={{ autocomplete: "off", spellcheck: false, maxLength: 64, required: true, autofocus: true }}
      />
      {other && (
        <p class="merge-note">
          <Icon name="alert" /> {fill(messages.mergeNote(other.images), <b>{other.tag}</b>)}
        </p>
      )}
    </BulkDialog>
  );
}
