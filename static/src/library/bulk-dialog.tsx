// The dialog of a change of many images: what it is, how many images change, how far it has come, and what came of it.

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { wordsFor } from "../http";
import { Dialog } from "../ui/dialog";
import { FormError } from "../ui/notice";
import { announce } from "../ui/toasts";
import { type Ask, carryOut, foresee, inWords, number, type Progress, type Summary, type Target } from "./bulk";

const TYPING_MS = 300;

interface BulkDialogProps {
  readonly title: string;
  readonly target: Target;
  /** How many images the target has, as far as it is known. */
  readonly size: number;
  /** The change; null as long as something is missing in the form. */
  readonly ask: Ask | null;
  /** What `ask` depends on: when it changes, the images that would change are counted anew. */
  readonly wish: string;
  /** `143 photographs change`. */
  readonly foreseen: (count: number) => string;
  readonly action: string;
  readonly isDangerous?: boolean;
  /** The word for those that changed: `restored`. */
  readonly verb?: string;
  readonly onDone: (summary: Summary) => void;
  readonly onClose: () => void;
  readonly children?: ComponentChildren;
}

export function BulkDialog(props: BulkDialogProps) {
  const { title, ask, target, onDone, onClose, verb } = props;
  const progress = useSignal<Progress | null>(null);
  const summary = useSignal<Summary | null>(null);
  const stopping = useRef(new AbortController());

  const begin = async () => {
    if (!ask || progress.value) {
      return;
    }
    progress.value = { done: 0, waitSeconds: 0 };
    const outcome = await carryOut(target, ask, {
      signal: stopping.current.signal,
      onProgress: (now) => {
        progress.value = now;
      },
    });
    onDone(outcome);
    if (outcome.failures.size || outcome.ended) {
      summary.value = outcome;
      announce(inWords(outcome, verb));
    } else {
      onClose();
    }
  };
  const stop = () => stopping.current.abort();

  if (summary.value) {
    return <Outcome title={title} summary={summary.value} verb={verb} onClose={onClose} />;
  }
  return progress.value ? (
    <Running {...props} progress={progress.value} onStop={stop} />
  ) : (
    <Asking {...props} onBegin={() => void begin()} />
  );
}

function Asking(props: BulkDialogProps & { readonly onBegin: () => void }) {
  const { title, ask, wish, target, foreseen, action, isDangerous, onBegin, onClose, children } = props;
  const form = useId();
  const count = useSignal<number | null>(null);
  const problem = useSignal("");
  useEffect(() => {
    const ended = new AbortController();
    count.value = null;
    problem.value = "";
    if (!ask) {
      return;
    }
    const timer = setTimeout(
      () => {
        foresee(target, ask, ended.signal).then(
          (found) => {
            count.value = ended.signal.aborted ? null : found;
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
  }, [wish]);
  return (
    <Dialog
      title={title}
      onClose={onClose}
      actions={
        <>
          <button type="button" class="button quiet" onClick={onClose}>
            Cancel
          </button>
          <button
            type="submit"
            form={form}
            class={isDangerous ? "button danger" : "button primary"}
            disabled={!count.value}
          >
            {action}
          </button>
        </>
      }
    >
      <form
        id={form}
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (count.value) {
            onBegin();
          }
        }}
      >
        {problem.value && <FormError>{problem.value}</FormError>}
        {children}
        <p class="foreseen" aria-live="polite">
          {ask && !problem.value && (count.value === null ? "Counting…" : foreseen(count.value))}
        </p>
      </form>
    </Dialog>
  );
}

function Running(props: BulkDialogProps & { readonly progress: Progress; readonly onStop: () => void }) {
  const { title, size, progress, onStop } = props;
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
        <button type="button" class="button" disabled={isStopping.value} onClick={stop}>
          {isStopping.value ? "Stopping…" : "Stop"}
        </button>
      }
    >
      <div class="running" role="status">
        <p>
          {number(progress.done)} of {number(size)}
          {progress.waitSeconds > 0 && (
            <span class="muted"> – waiting {progress.waitSeconds} s, as PixTag is busy</span>
          )}
        </p>
        <progress class="progress" aria-label={title} max={Math.max(1, size)} value={progress.done} />
      </div>
    </Dialog>
  );
}

interface OutcomeProps {
  readonly title: string;
  readonly summary: Summary;
  readonly verb: string | undefined;
  readonly onClose: () => void;
}

function Outcome({ title, summary, verb, onClose }: OutcomeProps) {
  return (
    <Dialog
      title={title}
      onClose={onClose}
      actions={
        <button type="button" class="button primary" onClick={onClose}>
          Close
        </button>
      }
    >
      <p>{inWords(summary, verb)}.</p>
      {summary.ended && <FormError>{summary.ended} What was done until then stays done.</FormError>}
      <ul class="reasons">
        {[...summary.failures].map(([reason, count]) => (
          <li key={reason}>
            <b>{number(count)}</b> {reason}
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
