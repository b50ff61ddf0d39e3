// The trash: what can be restored, and for how long; or deleted for good.

import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { get, post } from "../api";
import { wordsFor } from "../http";
import { inWords, photographs, type Summary, type Target } from "../library/bulk";
import { BulkDialog } from "../library/bulk-dialog";
import { daysLeft } from "../library/days";
import { Feed } from "../library/feed";
import { putBack } from "../library/feed-updates";
import { everything } from "../library/feeds";
import { Grid, GridSkeleton } from "../library/grid";
import { Selectable } from "../library/selectable";
import { Selection } from "../library/selection";
import { SelectionBar } from "../library/selection-bar";
import type { ImageSummary } from "../schemas";
import { Icon } from "../ui/icon";
import { Empty, Failed } from "../ui/notice";
import { toast } from "../ui/toasts";
import "../styles/manage.css";

const PAGE = 100;

/** What is about to happen, and to which images. */
interface Plan {
  readonly kind: "restore" | "purge";
  readonly target: Target;
  readonly size: number;
}

export default function Trash() {
  const feed = useMemo(() => new Feed(page), []);
  const selection = useMemo(() => new Selection(feed, wholeTrash), [feed]);
  const plan = useSignal<Plan | null>(null);
  useEffect(() => {
    void feed.more();
  }, [feed]);
  const begin = (kind: Plan["kind"]) => {
    plan.value = { kind, target: selection.target, size: selection.size.value };
  };
  const beginAll = async (kind: Plan["kind"]) => {
    try {
      plan.value = { kind, ...(await wholeTrash()) };
    } catch (error) {
      toast(wordsFor(error), "failed");
    }
  };
  return (
    <div class="page wide-page">
      <SelectionBar selection={selection} whole="All of the trash" onDelete={() => begin("purge")}>
        <button
          type="button"
          class="button quiet"
          aria-label="Restore"
          title="Restore"
          onClick={() => begin("restore")}
        >
          <Icon name="restore" />
          <span aria-hidden="true">Restore</span>
        </button>
        <button
          type="button"
          class="button quiet"
          aria-label="Delete for good"
          title="Delete for good"
          onClick={() => begin("purge")}
        >
          <Icon name="trash" />
          <span aria-hidden="true">Delete for good</span>
        </button>
      </SelectionBar>
      <header class="page-head">
        <div>
          <h1>Trash</h1>
          <p class="page-lead">What is here is deleted for good 30 days after it was put here.</p>
        </div>
        {feed.images.value.length > 0 && (
          <div class="page-actions">
            <button type="button" class="button" onClick={() => void beginAll("restore")}>
              <Icon name="restore" /> Restore all
            </button>
            <button type="button" class="button danger" onClick={() => void beginAll("purge")}>
              <Icon name="trash" /> Empty the trash
            </button>
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
      <Empty icon="trash" title="The trash is empty">
        <p>Photographs that you delete stay here for 30 days.</p>
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
  const finish = (summary: Summary, verb: string) => {
    const gone = new Set(summary.changed);
    const images = feed.images.value.filter(({ id }) => gone.has(id));
    feed.remove(gone);
    if (kind === "restore") {
      putBack(
        everything(),
        images.map((image) => ({ ...image, state: "ready", trashed_at: null })),
      );
    }
    if (!(summary.failures.size || summary.ended)) {
      toast(inWords(summary, verb));
      selection.clear();
    }
  };
  return kind === "restore" ? (
    <BulkDialog
      title="Restore"
      target={target}
      size={size}
      ask={(images) => post("/images/restore", { body: { images } })}
      wish=""
      foreseen={(count) => `${photographs(count)} ${count === 1 ? "goes" : "go"} back into the library, with all tags.`}
      action="Restore"
      verb="restored"
      onDone={(summary) => finish(summary, "restored")}
      onClose={onClose}
    />
  ) : (
    <BulkDialog
      title="Delete for good"
      target={target}
      size={size}
      ask={(images) => post("/images/purge", { body: { images } })}
      wish=""
      foreseen={(count) =>
        `${photographs(count)} and ${count === 1 ? "its file" : "their files"} will be gone. This cannot be undone.`
      }
      action="Delete for good"
      isDangerous
      verb="deleted for good"
      onDone={(summary) => finish(summary, "deleted for good")}
      onClose={onClose}
    />
  );
}

function timeLeft({ trashed_at }: ImageSummary): string {
  const days = daysLeft(trashed_at ?? "");
  return days === 1 ? "1 day left" : `${days} days left`;
}

function page(cursor: string | null, limit: number) {
  return get("/images", { query: { state: "trashed", limit, ...(cursor !== null && { cursor }) } });
}

/** The ids of all that is in the trash, read page by page. */
async function wholeTrash() {
  const ids: string[] = [];
  let cursor: string | null = null;
  do {
    const { images, next }: { images: readonly ImageSummary[]; next: string | null } = await page(cursor, PAGE);
    ids.push(...images.map(({ id }) => id));
    cursor = next;
  } while (cursor !== null);
  return { target: { ids }, size: ids.length };
}
