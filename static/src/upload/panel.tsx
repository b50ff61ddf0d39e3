// The panel of uploads: each file, the total progress, and files that an earlier page didn't send.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import * as controls from "#messages/controls";
import { reason as inWords } from "#messages/reasons";
import * as messages from "#messages/uploads";
import { formatPercent } from "../formats";
import { describeUnreachable } from "../http";
import { reachability } from "../reachability";
import { formatRate } from "../transfer-rate";
import { ActionButton } from "../ui/action-button";
import { Icon } from "../ui/icon";
import { saveFile } from "../ui/save-file";
import { queue } from "./arrival";
import { dismissLeftBehind, findLeftBehind, leftBehind } from "./left-behind";
import { pickFiles } from "./picker";
import { batchesOf, headline, isOpen, type Queue, totals, type Upload, visibleUploads } from "./queue";
import { takeShared } from "./shared-files";
import { speed } from "./speed";
import "../styles/uploads.css";
import { cancel, clear, fileOf, retry, sendLeftBehind } from "./uploads";

const MAX_LINES = 60;
const MAX_NAMES = 3;

export default function UploadPanel() {
  useEffect(() => void findLeftBehind().then(takeShared), []);
  if (queue.value.length === 0 && leftBehind.value.length === 0) {
    return null;
  }
  return (
    <section class="uploads" aria-label={messages.uploads}>
      <LeftBehind />
      {batchesOf(queue.value).map((uploads, index) => (
        <Batch key={uploads[0]?.batch} uploads={uploads} isNewest={index === 0} />
      ))}
    </section>
  );
}

/** The files that were chosen together. Earlier batches show their files only on request. */
function Batch({ uploads, isNewest }: { uploads: Queue; isNewest: boolean }) {
  const choice = useSignal<boolean | null>(null);
  const isExpanded = choice.value ?? isNewest;
  const more = uploads.length - MAX_LINES;
  return (
    <div class="uploads-batch">
      <Head
        uploads={uploads}
        isNewest={isNewest}
        isExpanded={isExpanded}
        onToggle={() => {
          choice.value = !isExpanded;
        }}
      />
      {isExpanded && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard can scroll it
        <ul class="uploads-list" aria-label={messages.files} tabIndex={0}>
          {visibleUploads(uploads, MAX_LINES).map((upload) => (
            <Line key={upload.id} upload={upload} />
          ))}
          {more > 0 && <li class="uploads-line muted">{messages.andMore(more)}</li>}
        </ul>
      )}
    </div>
  );
}

interface HeadProps {
  readonly uploads: Queue;
  /** The head of the newest batch closes the panel. */
  readonly isNewest: boolean;
  readonly isExpanded: boolean;
  readonly onToggle: () => void;
}

function Head({ uploads, isNewest, isExpanded, onToggle }: HeadProps) {
  const sum = totals(uploads);
  const { files, done, bytes, sentBytes } = sum;
  const choice = { batch: uploads[0]?.batch ?? 0 };
  const isDone = done === files;
  return (
    <>
      <header class="uploads-head">
        <div class="uploads-title">
          <div role="status">{headline(sum)}</div>
          {!isDone && (
            <div class="uploads-rate">
              {reachability.isReachable.value
                ? formatRate(speed.value, bytes - sentBytes) || messages.bytesLeft(bytes - sentBytes)
                : messages.paused(describeUnreachable(), navigator.onLine)}
            </div>
          )}
        </div>
        {isDone && uploads.some(({ state }) => state === "failed") && (
          <ActionButton label={controls.tryAgain} kind="quiet" size="small" onClick={() => retry(choice)} />
        )}
        {!isDone && (
          <ActionButton label={messages.cancelAll} kind="quiet" size="small" onClick={() => cancel(choice)} />
        )}
        <ActionButton
          label={isExpanded ? messages.hideFiles : messages.showFiles}
          icon="down"
          kind="quiet"
          isIconOnly
          class="uploads-toggle"
          aria-expanded={isExpanded}
          onClick={onToggle}
        />
        {isDone && isNewest && (
          <ActionButton label={controls.close} icon="close" kind="quiet" isIconOnly onClick={() => clear()} />
        )}
      </header>
      {!isDone && (
        <progress class="progress" value={bytes ? sentBytes / bytes : 1} max={1} aria-label={messages.allFiles} />
      )}
    </>
  );
}

function Line({ upload }: { upload: Upload }) {
  const { id, name, state, reason, tags } = upload;
  return (
    <li class="uploads-line" data-state={state}>
      <span class="uploads-name">{name}</span>
      <span class="uploads-state">
        <State upload={upload} />
        {isOpen(upload) && (
          <button
            type="button"
            class="uploads-cancel"
            aria-label={messages.cancelFile(name)}
            onClick={() => cancel({ id })}
          >
            <Icon name="close" size={14} />
          </button>
        )}
      </span>
      {state === "ready" && (
        <span class="uploads-tags">
          {tags.map(({ tag, count }) => (count > 1 ? `${tag} ${count}` : tag)).join(", ") || messages.noTags}
        </span>
      )}
      {reason && <span class="uploads-reason">{inWords(reason)}</span>}
      {(state === "failed" || state === "rejected") && <FailureActions upload={upload} />}
    </li>
  );
}

function FailureActions({ upload: { id, name, state } }: { upload: Upload }) {
  const file = fileOf(id);
  const dismiss = messages.dismissFile(name);
  return (
    <span class="uploads-actions">
      {state === "failed" && (
        <ActionButton
          label={controls.tryAgain}
          name={controls.tryAgainWith(name)}
          size="small"
          onClick={() => retry({ id })}
        />
      )}
      {file && (
        <ActionButton
          label={messages.download}
          name={messages.downloadFile(name)}
          size="small"
          onClick={() => saveFile(file, name)}
        />
      )}
      <ActionButton label={controls.dismiss} name={dismiss} size="small" onClick={() => clear({ id })} />
    </span>
  );
}

function State({ upload: { state, sent, size } }: { upload: Upload }) {
  switch (state) {
    case "waiting":
      return <span>{messages.waiting}</span>;
    case "sending":
      return <span>{formatPercent(sent / size)}</span>;
    case "sent":
      return (
        <>
          <span class="spinner" /> {messages.detecting}
        </>
      );
    case "duplicate":
      return <span>{messages.duplicate}</span>;
    case "ready":
      return <Icon name="check" size={16} />;
    default:
      return null;
  }
}

/** The files that an earlier page didn't send. Saved files can be sent; others have to be chosen again. */
function LeftBehind() {
  const saved = leftBehind.value.filter(({ file }) => file);
  const unsaved = leftBehind.value.filter(({ file }) => !file);
  if (leftBehind.value.length === 0) {
    return null;
  }
  return (
    <div class="left-behind" role="status">
      {saved.length > 0 && (
        <p>
          {saved.length === 1
            ? messages.fileNotUploaded(saved[0]?.name ?? "")
            : messages.filesNotUploaded(saved.length)}
        </p>
      )}
      {unsaved.length > 0 && (
        <p>
          {messages.chooseAgain(
            unsaved.slice(0, MAX_NAMES).map(({ name }) => name),
            unsaved.length - MAX_NAMES,
          )}
        </p>
      )}
      <div class="left-behind-actions">
        {saved.length > 0 && (
          <ActionButton label={messages.uploadNow} kind="primary" size="small" onClick={sendLeftBehind} />
        )}
        {unsaved.length > 0 && <ActionButton label={messages.chooseFiles} size="small" onClick={pickFiles} />}
        <ActionButton label={controls.dismiss} kind="quiet" size="small" onClick={() => void dismissLeftBehind()} />
      </div>
    </div>
  );
}
