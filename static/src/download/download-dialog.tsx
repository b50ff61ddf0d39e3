// The dialog of a download: its size, the progress of its zip files, and the photos that are missing.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import * as controls from "#messages/controls";
import * as messages from "#messages/downloads";
import { formatNumber } from "../formats";
import { wordsFor } from "../http";
import { formatRate } from "../transfer-rate";
import { ActionButton } from "../ui/action-button";
import { Dialog } from "../ui/dialog";
import { Icon } from "../ui/icon";
import { FormError } from "../ui/notice";
import { FileDownload, type Part } from "./download";
import { type DownloadSource, listEntries } from "./entries";
import { type Entry, planParts, sizeOf } from "./parts";
import { canChooseFolder, chooseFolder, FOLDER_BYTES, openStorage, type Storage } from "./storage";
import "../styles/downloads.css";

const MAX_LINES = 20;

interface DownloadDialogProps {
  readonly source: DownloadSource;
  readonly onClose: () => void;
}

export default function DownloadDialog({ source, onClose }: DownloadDialogProps) {
  const entries = useSignal<readonly Entry[] | null>(null);
  const count = useSignal(0);
  const problem = useSignal("");
  const download = useSignal<FileDownload | null>(null);
  const first = useRef(source);
  useEffect(() => {
    const ended = new AbortController();
    listEntries(first.current, ended.signal, (found) => {
      count.value = found;
    }).then(
      (found) => {
        entries.value = found;
      },
      (error: unknown) => {
        problem.value = ended.signal.aborted ? "" : wordsFor(error);
      },
    );
    return () => {
      ended.abort();
      download.peek()?.close();
    };
  }, []);
  if (download.value) {
    return <Progress download={download.value} onClose={onClose} />;
  }
  const start = (storage: Storage) => {
    download.value = new FileDownload(entries.value ?? [], storage);
    void download.value.run();
  };
  return <Plan entries={entries.value} count={count.value} problem={problem.value} onStart={start} onClose={onClose} />;
}

interface PlanProps {
  /** Null while they are being read. */
  readonly entries: readonly Entry[] | null;
  readonly count: number;
  readonly problem: string;
  readonly onStart: (storage: Storage) => void;
  readonly onClose: () => void;
}

function Plan({ entries, count, problem, onStart, onClose }: PlanProps) {
  const storage = useSignal<Storage | null>(null);
  const failure = useSignal("");
  useEffect(() => {
    void openStorage().then((opened) => {
      storage.value = opened;
    });
  }, []);
  // One file is an ordinary download. Browsers may block several ones.
  const isFolder = canChooseFolder() && entries !== null && planParts(entries, FOLDER_BYTES).length > 1;
  const parts = entries && planParts(entries, isFolder ? FOLDER_BYTES : (storage.value?.maxBytes ?? FOLDER_BYTES));
  const start = async () => {
    try {
      const chosen = isFolder ? await chooseFolder() : storage.value;
      if (chosen) {
        onStart(chosen);
      }
    } catch {
      failure.value = messages.folderNotWritable;
    }
  };
  const isEmpty = entries?.length === 0;
  return (
    <Dialog
      title={messages.downloadPhotos}
      onClose={onClose}
      actions={
        <>
          <ActionButton label={controls.cancel} kind="quiet" onClick={onClose} />
          <ActionButton
            label={isFolder ? messages.chooseFolder : messages.download}
            icon="download"
            kind="primary"
            disabled={!entries || isEmpty || !storage.value}
            onClick={() => void start()}
          />
        </>
      }
    >
      {(problem || failure.value) && <FormError>{problem || failure.value}</FormError>}
      <div class="download-plan">
        <p role="status">
          {isEmpty && messages.nothingToDownload}
          {entries && !isEmpty && messages.planOf(entries.length, sizeOf(entries), parts?.length ?? 0)}
          {!(entries || problem) && messages.findingPhotos(count)}
        </p>
        <p class="muted">{messages.contents}</p>
        {isFolder && <p class="muted">{messages.chooseFolderLead}</p>}
      </div>
    </Dialog>
  );
}

interface ProgressProps {
  readonly download: FileDownload;
  readonly onClose: () => void;
}

function Progress({ download, onClose }: ProgressProps) {
  const { parts, isRunning, done, total, rate } = download;
  const photos = parts.value.flatMap((part) => part.entries).length;
  const missing = parts.value.flatMap((part) => part.missing);
  const isComplete = parts.value.every(({ state }) => state === "done");
  const isOver = isComplete || !isRunning.value;
  return (
    <Dialog
      title={messages.downloadPhotos}
      onClose={onClose}
      actions={
        isOver ? (
          <ActionButton label={controls.close} kind="primary" onClick={onClose} />
        ) : (
          <ActionButton label={controls.stop} onClick={() => download.stop()} />
        )
      }
    >
      <div class="running">
        <p role="status">
          {isComplete ? messages.isComplete(photos - missing.length) : messages.progressOf(done.value, total)}
        </p>
        <progress
          class="progress"
          aria-label={messages.downloadPhotos}
          max={Math.max(1, total)}
          value={isComplete ? Math.max(1, total) : done.value}
        />
        {!isOver && <p class="muted">{formatRate(rate.value, total - done.value) || messages.keepOpen}</p>}
      </div>
      <ul class="download-parts" aria-label={messages.zipFiles}>
        {parts.value.map((part) => (
          <Line key={part.name} part={part} isIdle={isOver} onRetry={() => void download.run(part)} />
        ))}
      </ul>
      {missing.length > 0 && (
        <div class="download-missing" role="status">
          <p>{messages.missingPhotos(missing.length)}</p>
          <ul class="reasons">
            {missing.slice(0, MAX_LINES).map(({ name, reason }, index) => (
              <li key={index}>{messages.missingPhoto(name, reason)}</li>
            ))}
            {missing.length > MAX_LINES && <li>{controls.andMore(formatNumber(missing.length - MAX_LINES))}</li>}
          </ul>
        </div>
      )}
    </Dialog>
  );
}

interface LineProps {
  readonly part: Part;
  /** Whether no part is being made. */
  readonly isIdle: boolean;
  readonly onRetry: () => void;
}

function Line({ part: { name, state, problem, save }, isIdle, onRetry }: LineProps) {
  return (
    <li class="download-part" data-state={state}>
      <bdi class="download-name">{name}</bdi>
      <span class="download-state">
        {state === "waiting" && !isIdle && messages.partWaiting}
        {state === "running" && <span class="spinner" />}
        {state === "done" && (
          <>
            <Icon name="check" size={16} />
            <span class="hidden-text">{messages.partDone}</span>
          </>
        )}
        {save && (
          <ActionButton
            label={messages.saveAgain}
            name={messages.saveFileAgain(name)}
            kind="quiet"
            size="small"
            onClick={save}
          />
        )}
        {isIdle && state === "failed" && (
          <ActionButton
            label={controls.tryAgain}
            name={controls.tryAgainWith(name)}
            icon="retry"
            size="small"
            onClick={onRetry}
          />
        )}
      </span>
      {problem && <p class="download-problem">{problem}</p>}
    </li>
  );
}
