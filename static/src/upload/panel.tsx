// The queue on show: each file and how far it is, and all of them together.

import { useComputed, useSignal } from "@preact/signals";
import { Icon } from "../ui/icon";
import { totals, type Upload } from "./queue";
import { clear, queue, retry } from "./uploads";

export function UploadPanel() {
  const isFolded = useSignal(false);
  const sum = useComputed(() => totals(queue.value));
  if (queue.value.length === 0) {
    return null;
  }
  const { files, done, failed, bytes, sentBytes } = sum.value;
  const isDone = done === files;
  const share = bytes ? sentBytes / bytes : 1;
  return (
    <section class="uploads" aria-label="Uploads">
      <header class="uploads-head">
        <div class="uploads-title" role="status">
          {isDone ? summary(files, failed) : `Uploading ${done + 1} of ${files}`}
        </div>
        {isDone && queue.value.some(({ state }) => state === "failed") && (
          <button type="button" class="button quiet small" onClick={() => retry()}>
            Try again
          </button>
        )}
        <button
          type="button"
          class="button quiet icon-only"
          aria-label={isFolded.value ? "Show the files" : "Fold the files"}
          aria-expanded={!isFolded.value}
          onClick={() => {
            isFolded.value = !isFolded.value;
          }}
        >
          <span class={isFolded.value ? "turn turned" : "turn"}>
            <Icon name="down" />
          </span>
        </button>
        {isDone && (
          <button type="button" class="button quiet icon-only" aria-label="Close" onClick={clear}>
            <Icon name="close" />
          </button>
        )}
      </header>
      {!isDone && <progress class="progress" value={share} max={1} aria-label="All files" />}
      {!isFolded.value && (
        <ul class="uploads-list">
          {queue.value.toReversed().map((one) => (
            <Line key={one.id} upload={one} />
          ))}
        </ul>
      )}
    </section>
  );
}

function summary(files: number, failed: number): string {
  const sent = files - failed;
  const words = sent === 1 ? "1 photograph added" : `${sent} photographs added`;
  return failed ? `${words}, ${failed} not` : words;
}

function Line({ upload }: { upload: Upload }) {
  const { id, name, size, sent, state, reason } = upload;
  return (
    <li class={`uploads-line ${state}`}>
      <span class="uploads-name">{name}</span>
      <span class="uploads-state">
        {state === "sent" && <Icon name="check" size={16} />}
        {state === "sending" && `${Math.round((100 * sent) / size)} %`}
        {state === "waiting" && "Waiting"}
        {state === "failed" && (
          <button type="button" class="button quiet small" aria-label={`Try ${name} again`} onClick={() => retry(id)}>
            Try again
          </button>
        )}
      </span>
      {reason && <span class="uploads-reason">{reason}</span>}
    </li>
  );
}
