// The dialog of a change of many images: a form with a dry run, then the progress, then the failures if there are any.

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import * as controls from "#messages/controls";
import * as messages from "#messages/edits";
import { formatNumber } from "../formats";
import { wordsFor } from "../http";
import { ActionButton } from "../ui/action-button";
import { ConfirmDialog } from "../ui/confirm-dialog";
import { Dialog } from "../ui/dialog";
import { FormError } from "../ui/notice";
import { announce } from "../ui/toasts";
import {
  applyBulk,
  type BulkCall,
  type BulkProgress,
  type BulkSummary,
  type BulkTarget,
  describeSummary,
  dryRunBulk,
} from "./bulk";

const TYPING_MS = 300;

interface BulkDialogProps {
  readonly title: string;
  readonly target: BulkTarget;
  /** The number of images in the target, including those that would not change. */
  readonly size: number;
  /** The request that changes a batch; null while the form is incomplete. */
  readonly call: BulkCall | null;
  /** The inputs that `call` depends on. The dry run is repeated when they change. */
  readonly inputs: string;
  /** Describe the change of a number of images: `143 photos will change.` */
  readonly describe: (count: number) => string;
  readonly action: string;
  readonly isDangerous?: boolean;
  /** The start of the summary: `140 photos restored`. */
  readonly describeChanged?: (count: number) => string;
  readonly onDone: (summary: BulkSummary) => void;
  readonly onClose: () => void;
  readonly children?: ComponentChildren;
}

export function BulkDialog(props: BulkDialogProps) {
  const { title, call, target, onDone, onClose, describeChanged } = props;
  const progress = useSignal<BulkProgress | null>(null);
  const summary = useSignal<BulkSummary | null>(null);
  const stopping = useRef(new AbortController());

  const start = async () => {
    if (!call || progress.value) {
      return;
    }
    progress.value = { done: 0, waitSeconds: 0 };
    const result = await applyBulk(target, call, {
      signal: stopping.current.signal,
      onProgress: (now) => {
        progress.value = now;
      },
    });
    onDone(result);
    if (result.failures.size || result.ended) {
      summary.value = result;
      announce(describeSummary(result, describeChanged));
    } else {
      onClose();
    }
  };
  const stop = () => stopping.current.abort();

  if (summary.value) {
    return <SummaryDialog title={title} summary={summary.value} describeChanged={describeChanged} onClose={onClose} />;
  }
  return progress.value ? (
    <ProgressDialog title={title} size={props.size} progress={progress.value} onStop={stop} />
  ) : (
    <FormDialog {...props} onStart={() => void start()} />
  );
}

function FormDialog(props: BulkDialogProps & { readonly onStart: () => void }) {
  const { title, call, inputs, target, describe, action, isDangerous = false, onStart, onClose, children } = props;
  const count = useSignal<number | null>(null);
  const problem = useSignal("");
  useEffect(() => {
    const ended = new AbortController();
    count.value = null;
    problem.value = "";
    if (!call) {
      return;
    }
    const timer = setTimeout(
      () => {
        dryRunBulk(target, call, ended.signal).then(
          (changed) => {
            count.value = ended.signal.aborted ? null : changed;
          },
          (error: unknown) => {
            problem.value = ended.signal.aborted ? "" : wordsFor(error);
          },
        );
      },
      children ? TYPING_MS : 0,
    );
    return () => {
      clearTimeout(timer);
      ended.abort();
    };
  }, [inputs]);
  return (
    <ConfirmDialog
      title={title}
      action={action}
      isDangerous={isDangerous}
      isReady={Boolean(count.value)}
      problem={problem.value}
      onConfirm={onStart}
      onClose={onClose}
    >
      {children}
      <p class="dry-run" aria-live="polite">
        {call && !problem.value && (count.value === null ? messages.counting : describe(count.value))}
      </p>
    </ConfirmDialog>
  );
}

interface ProgressDialogProps {
  readonly title: string;
  readonly size: number;
  readonly progress: BulkProgress;
  readonly onStop: () => void;
}

export function ProgressDialog({ title, size, progress, onStop }: ProgressDialogProps) {
  const isStopping = useSignal(false);
  const stop = () => {
    isStopping.value = true;
    onStop();
  };
  return (
    <Dialog
      title={title}
      onClose={stop}
      actions={
        <ActionButton
          label={isStopping.value ? messages.stopping : controls.stop}
          disabled={isStopping.value}
          onClick={stop}
        />
      }
    >
      <div class="running" role="status">
        <p>
          {messages.progressOf(progress.done, size)}
          {progress.waitSeconds > 0 && <span class="muted">{messages.busyContinues(progress.waitSeconds)}</span>}
        </p>
        <progress class="progress" aria-label={title} max={Math.max(1, size)} value={progress.done} />
      </div>
    </Dialog>
  );
}

interface SummaryDialogProps {
  readonly title: string;
  readonly summary: BulkSummary;
  readonly describeChanged: BulkDialogProps["describeChanged"];
  readonly onClose: () => void;
}

function SummaryDialog({ title, summary, describeChanged, onClose }: SummaryDialogProps) {
  return (
    <Dialog
      title={title}
      onClose={onClose}
      actions={<ActionButton label={controls.close} kind="primary" onClick={onClose} />}
    >
      <p>{describeSummary(summary, describeChanged)}.</p>
      {summary.ended && <FormError>{messages.changesAreKept(summary.ended)}</FormError>}
      <ul class="reasons">
        {[...summary.failures].map(([reason, count]) => (
          <li key={reason}>
            <b>{formatNumber(count)}</b> {reason}
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
