// The trash: photos that can be restored for 30 days, or deleted permanently.

import { signal, useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import * as controls from "#messages/controls";
import * as messages from "#messages/trash";
import { get, post } from "../api";
import { wordsFor } from "../http";
import { type BulkSummary, type BulkTarget, describeSummary } from "../library/bulk";
import { BulkDialog } from "../library/bulk-dialog";
import { daysLeft } from "../library/days";
import { Feed } from "../library/feed";
import { restoreImages } from "../library/feed-updates";
import { everything, forgetSearches } from "../library/feeds";
import { Grid, GridSkeleton } from "../library/grid";
import type { Order } from "../library/order-key";
import { Selectable } from "../library/selectable";
import { partOf } from "../library/selected-edit";
import { Selection } from "../library/selection";
import { SelectionBar } from "../library/selection-bar";
import { offerUndo } from "../library/undo";
import type { ImageSummary } from "../schemas";
import { ActionButton } from "../ui/action-button";
import { Empty, Failed } from "../ui/notice";
import { toast } from "../ui/toasts";
import "../styles/manage.css";

const PAGE = 100;
const TRASHED = signal<Order>("trashed");

/** The change to confirm, and its images. */
interface Plan {
  readonly kind: "restore" | "purge";
  readonly target: BulkTarget;
  readonly size: number;
}

export default function Trash() {
  const feed = useMemo(() => new Feed(page, { order: TRASHED }), []);
  const selection = useMemo(() => new Selection(feed, readTrash), [feed]);
  const plan = useSignal<Plan | null>(null);
  useEffect(() => {
    void feed.more();
  }, [feed]);
  const openDialog = (kind: Plan["kind"]) => {
    plan.value = { kind, target: selection.target, size: selection.size.value };
  };
  const openDialogForAll = async (kind: Plan["kind"]) => {
    try {
      plan.value = { kind, ...(await readTrash()) };
    } catch (error) {
      toast(wordsFor(error), "failed");
    }
  };
  return (
    <div class="page wide-page">
      <SelectionBar selection={selection} whole={messages.allPhotosInTheTrash} onDelete={() => openDialog("purge")}>
        <ActionButton
          label={controls.restore}
          icon="restore"
          kind="quiet"
          title={controls.restore}
          aria-label={controls.restore}
          onClick={() => openDialog("restore")}
        />
        <ActionButton
          label={messages.deletePermanently}
          icon="trash"
          kind="quiet"
          title={messages.deletePermanently}
          aria-label={messages.deletePermanently}
          onClick={() => openDialog("purge")}
        />
      </SelectionBar>
      <header class="page-head">
        <div>
          <h1>{messages.trash}</h1>
          <p class="page-lead">{messages.trashLead}</p>
        </div>
        {feed.images.value.length > 0 && (
          <div class="page-actions">
            <ActionButton label={messages.restoreAll} icon="restore" onClick={() => void openDialogForAll("restore")} />
            <ActionButton
              label={messages.emptyTrash}
              icon="trash"
              kind="danger"
              onClick={() => void openDialogForAll("purge")}
            />
          </div>
        )}
      </header>
      <Content feed={feed} selection={selection} />
      {plan.value && (
        <PlanDialog
          plan={plan.value}
          selection={selection}
          onClose={() => {
            plan.value = null;
          }}
        />
      )}
    </div>
  );
}

function Content({ feed, selection }: { feed: Feed; selection: Selection }) {
  const { images, status, problem, isEmpty } = feed;
  if (isEmpty.value) {
    return (
      <Empty icon="trash" title={messages.theTrashIsEmpty}>
        <p>{messages.trashEmptyText}</p>
      </Empty>
    );
  }
  if (images.value.length === 0) {
    return status.value === "failed" ? (
      <Failed text={problem.value} onRetry={() => void feed.more()} />
    ) : (
      <GridSkeleton />
    );
  }
  return (
    <>
      <Selectable selection={selection} always note={timeLeft}>
        <Grid feed={feed} />
      </Selectable>
      {status.value === "failed" && <Failed text={problem.value} onRetry={() => void feed.more()} />}
    </>
  );
}

interface PlanDialogProps {
  readonly plan: Plan;
  readonly selection: Selection;
  readonly onClose: () => void;
}

function PlanDialog({ plan: { kind, target, size }, selection, onClose }: PlanDialogProps) {
  const { feed } = selection;
  const finish = (summary: BulkSummary, describeChanged: (count: number) => string) => {
    const gone = new Set(summary.changed);
    const images = feed.images.value.filter(({ id }) => gone.has(id));
    feed.remove(gone);
    if (kind === "restore") {
      restoreImages(
        everything(),
        images.map((image) => ({ ...image, state: "ready", trashed_at: null })),
      );
    }
    const text = describeSummary(summary, describeChanged);
    if (kind === "restore") {
      const putBack = (ids: ReadonlySet<string>) => returnToTrash(feed, images, ids);
      offerUndo({ operation: summary.operation, text, size: summary.changed.length, onUndone: putBack });
    } else {
      toast(messages.sentence(text));
    }
    if (!(summary.failures.size || summary.ended)) {
      selection.clear();
    }
  };
  return kind === "restore" ? (
    <BulkDialog
      title={messages.restorePhotos}
      target={target}
      size={size}
      call={(images, _key, operation) => post("/images/restore", { body: { images, ...partOf(operation) } })}
      inputs=""
      describe={messages.photosWillReturn}
      action={controls.restore}
      describeChanged={messages.photosRestored}
      onDone={(summary) => finish(summary, messages.photosRestored)}
      onClose={onClose}
    />
  ) : (
    <BulkDialog
      title={messages.deletePermanently}
      target={target}
      size={size}
      call={(images) => post("/images/purge", { body: { images } })}
      inputs=""
      describe={messages.photosWillBeDeleted}
      action={messages.deletePermanently}
      isDangerous
      describeChanged={messages.photosDeleted}
      onDone={(summary) => finish(summary, messages.photosDeleted)}
      onClose={onClose}
    />
  );
}

/** Show restored images in the trash again. They were deleted now. */
function returnToTrash(feed: Feed, images: readonly ImageSummary[], ids: ReadonlySet<string>): void {
  const now = new Date().toISOString();
  everything().remove(ids);
  feed.insert(images.filter(({ id }) => ids.has(id)).map((image) => ({ ...image, trashed_at: now })));
  forgetSearches();
}

function timeLeft({ trashed_at }: ImageSummary): string {
  const days = daysLeft(trashed_at ?? "");
  return messages.daysLeft(days);
}

function page(cursor: string | null, limit: number) {
  return get("/images", { query: { state: "trashed", limit, ...(cursor !== null && { cursor }) } });
}

/** Read the ids of all images in the trash, page by page. */
async function readTrash() {
  const ids: string[] = [];
  let cursor: string | null = null;
  do {
    const { images, next }: { images: readonly ImageSummary[]; next: string | null } = await page(cursor, PAGE);
    ids.push(...images.map(({ id }) => id));
    cursor = next;
  } while (cursor !== null);
  return { target: { ids }, size: ids.length };
}
