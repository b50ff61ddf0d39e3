// All tags, the most frequent first; each leads to its photographs, and can be renamed or merged into another.

import { useComputed, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { get, post } from "../api";
import { wordsFor } from "../http";
import { inWords, number, photographs } from "../library/bulk";
import { BulkDialog } from "../library/bulk-dialog";
import { folded, renamed, retag } from "../library/feed-updates";
import { everything } from "../library/feeds";
import type { TagTotal } from "../schemas";
import { Field } from "../ui/field";
import { Icon } from "../ui/icon";
import { Empty, Failed } from "../ui/notice";
import { Page } from "../ui/page";
import { toast } from "../ui/toasts";
import { pickFiles } from "../upload/picker";
import "../styles/manage.css";

export default function Labels() {
  const tags = useSignal<readonly TagTotal[] | null>(null);
  const problem = useSignal("");
  const filter = useSignal("");
  const chosen = useSignal<TagTotal | null>(null);
  const shown = useComputed(() => (tags.value ?? []).filter(({ tag }) => tag.includes(folded(filter.value))));
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
    <Page title="Tags" lead={tags.value ? <Total tags={tags.value} /> : "What your photographs show"}>
      <div class="tag-filter">
        <Field
          label="Filter the tags"
          value={filter.value}
          onValue={(text) => {
            filter.value = text;
          }}
          input={{ type: "search", autocomplete: "off", spellcheck: false }}
        />
      </div>
      {tags.value ? (
        <TagTable
          tags={shown.value}
          all={tags.value}
          onRename={(tag) => {
            chosen.value = tag;
          }}
        />
      ) : (
        <div class="tag-table skeleton" role="status" aria-busy="true" aria-label="Loading" />
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
    <Page title="Tags">
      <Empty
        icon="tag"
        title="No tags yet"
        actions={
          <button type="button" class="button primary" onClick={pickFiles}>
            <Icon name="upload" /> Choose photographs
          </button>
        }
      >
        <p>What is seen on your photographs becomes their tags. You can also add tags of your own to photographs.</p>
      </Empty>
    </Page>
  );
}

function Total({ tags }: { tags: readonly TagTotal[] }) {
  const objects = tags.reduce((total, tag) => total + tag.objects, 0);
  return (
    <>
      {number(tags.length)} {tags.length === 1 ? "tag" : "tags"}, {number(objects)}{" "}
      {objects === 1 ? "object" : "objects"}
    </>
  );
}

interface TagTableProps {
  readonly tags: readonly TagTotal[];
  readonly all: readonly TagTotal[];
  readonly onRename: (tag: TagTotal) => void;
}

function TagTable({ tags, all, onRename }: TagTableProps) {
  const most = Math.max(1, ...all.map(({ objects }) => objects));
  if (tags.length === 0) {
    return <p class="muted">No tag is called so.</p>;
  }
  return (
    <ul class="tag-table">
      {tags.map((total) => (
        <li key={total.tag} class="tag-line">
          <a class="tag-name" href={`/?q=${encodeURIComponent(total.tag)}`}>
            {total.tag}
          </a>
          <span class="tag-bars" aria-hidden="true">
            <span class="tag-bar" style={{ width: `${(100 * total.images) / most}%` }} />
            <span class="tag-bar objects" style={{ width: `${(100 * total.objects) / most}%` }} />
          </span>
          <span class="tag-numbers">
            <span class="tag-images">{photographs(total.images)}</span>
            <span class="tag-objects muted">
              {number(total.objects)} {total.objects === 1 ? "object" : "objects"}
            </span>
          </span>
          <button
            type="button"
            class="button quiet icon-only"
            aria-label={`Rename ${total.tag}`}
            title="Rename or merge"
            onClick={() => onRename(total)}
          >
            <Icon name="rename" size={18} />
          </button>
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
  const wish = folded(name.value);
  const other = all.find((one) => one.tag === wish && wish !== tag);
  return (
    <BulkDialog
      title={`Rename ${tag}`}
      target={{ query: tag }}
      size={images}
      ask={
        wish && wish !== tag
          ? ({ cursor = null, dry_run = false }) =>
              post("/tags/rename", { body: { old: tag, new: name.value.trim(), cursor, dry_run } })
          : null
      }
      wish={wish}
      foreseen={(count) => `${photographs(count)} ${count === 1 ? "changes" : "change"}.`}
      action={other ? "Merge" : "Rename"}
      onDone={(summary) => {
        retag(everything(), summary.changed, (tags) => renamed(tags, tag, name.value));
        if (!(summary.failures.size || summary.ended)) {
          toast(inWords(summary));
        }
        onDone();
      }}
      onClose={onClose}
    >
      <Field
        label="New name"
        value={name.value}
        onValue={(text) => {
          name.value = text;
        }}
        input={{ autocomplete: "off", spellcheck: false, maxLength: 64, required: true, autofocus: true }}
      />
      {other && (
        <p class="merge-note">
          <Icon name="alert" /> There is a tag <b>{other.tag}</b> on {photographs(other.images)} already. The two become
          one: where a photograph has both, their counts add up. They cannot be told apart again.
        </p>
      )}
    </BulkDialog>
  );
}
