// The queue on show: each file and how far it is, all of them together, and what an earlier page did not send.

import { useComputed, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Icon } from "../ui/icon";
import { pickFiles } from "./picker";
import { isOpen, shown, summary, totals, type Upload } from "./queue";
import { paceInWords, sizeInWords } from "./transfer-rate";
import {
  cancel,
  clear,
  dropLeftBehind,
  findLeftBehind,
  isOnline,
  leftBehind,
  queue,
  retry,
  sendLeftBehind,
  speed,
} from "./uploads";

const MOST_LINES = 60;

export function UploadPanel() {
  const isFolded = useSignal(false);
  useEffect(() => void findLeftBehind(), []);
  if (queue.value.length === 0 && leftBehind.value.length === 0) {
    return null;
  }
  const more = queue.value.length - MOST_LINES;
  return (
    <section class="uploads" aria-label="Uploads">
      <LeftBehind />
      {queue.value.length > 0 && <Head isFolded={isFolded} />}
      {queue.value.length > 0 && !isFolded.value && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard scrolls it
        <ul class="uploads-list" aria-label="Files" tabIndex={0}>
          {shown(queue.value, MOST_LINES).map((one) => (
            <Line key={one.id} upload={one} />
          ))}
          {more > 0 && <li class="uploads-line muted">and {more.toLocaleString("en-GB")} more</li>}
        </ul>
      )}
    </section>
  );
}

function Head({ isFolded }: { isFolded: { value: boolean } }) {
  const sum = useComputed(() => totals(queue.value));
  const { files, done, bytes, sentBytes } = sum.value;
  const isDone = done === files;
  return (
    <>
      <header class="uploads-head">
        <div class="uploads-title">
          <div role="status">{isDone ? summary(sum.value) : `Uploading ${done + 1} of ${files}`}</div>
          {!isDone && (
            <div class="uploads-pace">
              {isOnline.value
                ? paceInWords(speed.value, bytes - sentBytes) || `${sizeInWords(bytes - sentBytes)} left`
                : "You are offline. It goes on when the connection is back."}
            </div>
          )}
        </div>
        {isDone && queue.value.some(({ state }) => state === "failed") && (
          <button type="button" class="button quiet small" onClick={() => retry()}>
            Try again
          </button>
        )}
        {!isDone && (
          <button type="button" class="button quiet small" onClick={() => cancel()}>
            Cancel all
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
      {!isDone && <progress class="progress" value={bytes ? sentBytes / bytes : 1} max={1} aria-label="All files" />}
    </>
  );
}

function Line({ upload }: { upload: Upload }) {
  const { id, name, state, reason, tags } = upload;
  return (
    <li class={`uploads-line ${state}`}>
      <span class="uploads-name">{name}</span>
      <span class="uploads-state">
        <State upload={upload} />
        {state === "failed" && (
          <button type="button" class="button quiet small" aria-label={`Try ${name} again`} onClick={() => retry(id)}>
            Try again
          </button>
        )}
        {isOpen(upload) && (
          <button type="button" class="uploads-cancel" aria-label={`Cancel ${name}`} onClick={() => cancel(id)}>
            <Icon name="close" size={14} />
          </button>
        )}
      </span>
      {state === "ready" && (
        <span class="uploads-tags">
          {tags.map(({ tag, count }) => (count > 1 ? `${tag} ${count}` : tag)).join(", ") || "no tags"}
        </span>
      )}
      {reason && <span class="uploads-reason">{reason}</span>}
    </li>
  );
}

function State({ upload: { state, sent, size } }: { upload: Upload }) {
  switch (state) {
    case "waiting":
      return <span>Waiting</span>;
    case "sending":
      return <span>{Math.round((100 * sent) / size)} %</span>;
    case "sent":
      return (
        <>
          <span class="spinner" /> Looking
        </>
      );
    case "known":
      return <span>Already there</span>;
    case "ready":
      return <Icon name="check" size={16} />;
    default:
      return null;
  }
}

/** What an earlier page did not send is offered: files that are kept to be sent, others to be chosen again. */
function LeftBehind() {
  const kept = leftBehind.value.filter(({ file }) => file);
  const named = leftBehind.value.filter(({ file }) => !file);
  if (leftBehind.value.length === 0) {
    return null;
  }
  return (
    <div class="left-behind" role="status">
      {kept.length > 0 && (
        <p>{kept.length === 1 ? `${kept[0]?.name} was` : `${kept.length} files were`} not sent yet.</p>
      )}
      {named.length > 0 && (
        <p>
          To be chosen again:{" "}
          {named
            .slice(0, 3)
            .map(({ name }) => name)
            .join(", ")}
          {named.length > 3 && ` and ${(named.length - 3).toLocaleString("en-GB")} more`}.
        </p>
      )}
      <div class="left-behind-actions">
        {kept.length > 0 && (
          <button type="button" class="button primary small" onClick={sendLeftBehind}>
            Send now
          </button>
        )}
        {named.length > 0 && (
          <button type="button" class="button small" onClick={pickFiles}>
            Choose again
          </button>
        )}
        <button type="button" class="button quiet small" onClick={() => dropLeftBehind(leftBehind.value)}>
          Forget them
        </button>
      </div>
    </div>
  );
}
