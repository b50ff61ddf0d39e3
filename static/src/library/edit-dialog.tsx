// The changes of many images at once: tags added, removed or renamed, images moved to the trash.

import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useId } from "preact/hooks";
import { get, post } from "../api";
import { wordsFor } from "../http";
import type { ImageSummary, TagCount } from "../schemas";
import { Icon } from "../ui/icon";
import { announce, toast } from "../ui/toasts";
import { carryOut, inWords, photographs, type Summary } from "./bulk";
import { BulkDialog } from "./bulk-dialog";
import type { EditKind } from "./editable-grid";
import type { Feed } from "./feed";
import { edited, folded, putBack, renamed, retag, takeOut } from "./feed-updates";
import type { Selection } from "./selection";

interface EditProps {
  readonly selection: Selection;
  readonly onClose: () => void;
}

export default function Edit({ kind, ...props }: EditProps & { readonly kind: EditKind }) {
  switch (kind) {
    case "add":
      return <Add {...props} />;
    case "remove":
      return <Remove {...props} />;
    case "rename":
      return <Rename {...props} />;
    case "trash":
      return <Trash {...props} />;
  }
}

const change = (count: number) =>
  count ? `${photographs(count)} ${count === 1 ? "changes" : "change"}.` : "No photograph changes.";

/** Say what came of it, where the dialog does not; then nothing is selected any more. */
function conclude(selection: Selection, summary: Summary, verb?: string): void {
  if (!(summary.failures.size || summary.ended)) {
    toast(inWords(summary, verb));
    selection.clear();
  }
}

function Add({ selection, onClose }: EditProps) {
  const rows = useSignal<readonly TagCount[]>([{ tag: "", count: 1 }]);
  const add = useComputed(() =>
    rows.value.filter(({ tag }) => tag.trim()).map(({ tag, count }) => ({ tag: tag.trim(), count })),
  );
  return (
    <BulkDialog
      title="Add tags"
      target={selection.target}
      size={selection.size.value}
      ask={
        add.value.length
          ? (images, key) =>
              post("/tags", { body: { add: add.value, images }, ...(key && { header: { "idempotency-key": key } }) })
          : null
      }
      wish={JSON.stringify(add.value)}
      foreseen={change}
      action="Add"
      onDone={(summary) => {
        retag(selection.feed, summary.changed, (tags) => edited(tags, add.value));
        conclude(selection, summary);
      }}
      onClose={onClose}
    >
      <TagRows
        rows={rows.value}
        counted
        onRows={(next) => {
          rows.value = next;
        }}
      />
    </BulkDialog>
  );
}

function Remove({ selection, onClose }: EditProps) {
  const rows = useSignal<readonly TagCount[]>([{ tag: "", count: 1 }]);
  const remove = useComputed(() => rows.value.filter(({ tag }) => tag.trim()).map(({ tag }) => ({ tag: tag.trim() })));
  return (
    <BulkDialog
      title="Remove tags"
      target={selection.target}
      size={selection.size.value}
      ask={
        remove.value.length
          ? (images, key) =>
              post("/tags", {
                body: { remove: remove.value, images },
                ...(key && { header: { "idempotency-key": key } }),
              })
          : null
      }
      wish={JSON.stringify(remove.value)}
      foreseen={change}
      action="Remove"
      onDone={(summary) => {
        const names = remove.value.map(({ tag }) => tag);
        retag(selection.feed, summary.changed, (tags) => edited(tags, [], names));
        conclude(selection, summary);
      }}
      onClose={onClose}
    >
      <TagRows
        rows={rows.value}
        among={tagsOf(selection.images.value)}
        onRows={(next) => {
          rows.value = next;
        }}
      />
    </BulkDialog>
  );
}

function Rename({ selection, onClose }: EditProps) {
  const old = useSignal("");
  const name = useSignal("");
  const isWhole = old.value.trim() && name.value.trim();
  return (
    <BulkDialog
      title="Rename a tag"
      target={selection.target}
      size={selection.size.value}
      ask={
        isWhole && folded(old.value) !== folded(name.value)
          ? (images) => post("/tags/rename", { body: { old: old.value.trim(), new: name.value.trim(), images } })
          : null
      }
      wish={JSON.stringify([old.value, name.value])}
      foreseen={change}
      action="Rename"
      onDone={(summary) => {
        retag(selection.feed, summary.changed, (tags) => renamed(tags, old.value, name.value));
        conclude(selection, summary);
      }}
      onClose={onClose}
    >
      <div class="form-pair">
        <TagField label="Tag" first value={old} among={tagsOf(selection.images.value)} />
        <TagField label="New name" value={name} />
      </div>
      <p class="muted">
        It is renamed on what is selected only. Where a photograph has both tags, their counts add up.
      </p>
    </BulkDialog>
  );
}

function Trash({ selection, onClose }: EditProps) {
  const { feed } = selection;
  return (
    <BulkDialog
      title="Move to the trash"
      target={selection.target}
      size={selection.size.value}
      ask={(images) => post("/images/trash", { body: { images } })}
      wish=""
      foreseen={(count) =>
        `${photographs(count)} ${count === 1 ? "leaves" : "leave"} the library. From the trash you can restore ${count === 1 ? "it" : "them"} for 30 days.`
      }
      action="Move to the trash"
      isDangerous
      verb="moved to the trash"
      onDone={(summary) => {
        const moved = new Set(summary.changed);
        const images = feed.images.value.filter(({ id }) => moved.has(id));
        takeOut(feed, summary.changed);
        // Of what is not loaded, all was ready; what was not is gone at once.
        const lost = new Set(images.filter(({ state }) => state !== "ready").map(({ id }) => id));
        const back = summary.changed.filter((id) => !lost.has(id));
        toast(
          inWords(summary, "moved to the trash"),
          "done",
          back.length ? { label: "Undo", run: () => void undo(feed, back, images) } : null,
        );
        if (!(summary.failures.size || summary.ended)) {
          selection.clear();
        }
      }}
      onClose={onClose}
    />
  );
}

/** Restore the very images that were moved to the trash. */
async function undo(feed: Feed, ids: readonly string[], images: readonly ImageSummary[]): Promise<void> {
  announce(`Restoring ${photographs(ids.length)}`);
  const summary = await carryOut({ ids }, (part) => post("/images/restore", { body: { images: part } }), {
    signal: new AbortController().signal,
    onProgress: () => {},
  });
  const restored = new Set(summary.changed);
  putBack(
    feed,
    images.filter(({ id }) => restored.has(id)),
  );
  const reasons = [...summary.failures.keys(), summary.ended].filter(Boolean).join(" ");
  toast(`${inWords(summary, "restored")}. ${reasons}`.trim(), reasons ? "failed" : "done");
}

/** The tags that images have, those of most images first. */
function tagsOf(images: readonly ImageSummary[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { tag } of images.flatMap(({ tags }) => tags)) {
    counts.set(tag, (counts.get(tag) ?? 0) + 1);
  }
  return [...counts].sort(([, one], [, other]) => other - one).map(([tag]) => tag);
}

interface TagRowsProps {
  readonly rows: readonly TagCount[];
  readonly onRows: (rows: readonly TagCount[]) => void;
  readonly counted?: boolean;
  readonly among?: readonly string[];
}

/** Tags one below the other, each with its count if that matters. */
function TagRows({ rows, onRows, counted = false, among }: TagRowsProps) {
  const set = (index: number, row: Partial<TagCount>) =>
    onRows(rows.map((one, place) => (place === index ? { ...one, ...row } : one)));
  return (
    <div class="edit-rows">
      <div class="edit-row-heads field-label" aria-hidden="true">
        <span>Tag</span>
        {counted && <span>How many on each</span>}
      </div>
      {rows.map((row, index) => (
        <div key={index} class="edit-row">
          <TagInput
            label={`Tag ${index + 1}`}
            first={index === 0}
            value={row.tag}
            among={among}
            onValue={(tag) => set(index, { tag })}
          />
          {counted && (
            <input
              class="input tag-count"
              type="number"
              min={1}
              max={999}
              required
              aria-label={`How many of tag ${index + 1}`}
              value={row.count}
              onInput={({ currentTarget }) => set(index, { count: currentTarget.valueAsNumber || 1 })}
            />
          )}
          {rows.length > 1 && (
            <button
              type="button"
              class="button quiet icon-only"
              aria-label={`Leave out tag ${index + 1}`}
              onClick={() => onRows(rows.toSpliced(index, 1))}
            >
              <Icon name="close" size={18} />
            </button>
          )}
        </div>
      ))}
      <button type="button" class="link" onClick={() => onRows([...rows, { tag: "", count: 1 }])}>
        Another tag
      </button>
    </div>
  );
}

interface TagFieldProps {
  readonly label: string;
  readonly value: { value: string };
  readonly among?: readonly string[];
  readonly first?: boolean;
}

function TagField({ label, value, among, first = false }: TagFieldProps) {
  return (
    <div class="field">
      <span class="field-label" aria-hidden="true">
        {label}
      </span>
      <TagInput
        label={label}
        value={value.value}
        among={among}
        first={first}
        onValue={(text) => {
          value.value = text;
        }}
      />
    </div>
  );
}

interface TagInputProps {
  readonly label: string;
  readonly value: string;
  /** Only these are suggested; all tags of the library, if not given. */
  readonly among?: readonly string[] | undefined;
  readonly first?: boolean;
  readonly onValue: (value: string) => void;
}

function TagInput({ label, value, among, first = false, onValue }: TagInputProps) {
  const id = useId();
  const known = useSignal<readonly string[]>(among ?? []);
  useEffect(() => {
    if (!among) {
      get("/tags").then(
        ({ tags }) => {
          known.value = tags.map(({ tag }) => tag);
        },
        (error: unknown) => toast(wordsFor(error), "failed"),
      );
    }
  }, []);
  return (
    <>
      <input
        class="input"
        type="text"
        list={id}
        autocomplete="off"
        spellcheck={false}
        maxLength={64}
        aria-label={label}
        {...(first && { autofocus: true })}
        value={value}
        onInput={({ currentTarget }) => onValue(currentTarget.value)}
      />
      <datalist id={id}>
        {known.value.slice(0, 200).map((tag) => (
          <option key={tag} value={tag} />
        ))}
      </datalist>
    </>
  );
}
