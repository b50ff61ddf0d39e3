// The export: read page by page, joined into one file, and saved.

import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import * as messages from "#messages/account";
import * as controls from "#messages/controls";
import { read } from "../api";
import { Problem, pause, wordsFor } from "../http";
import { ActionButton } from "../ui/action-button";
import { FormError } from "../ui/notice";
import { saveFile } from "../ui/save-file";
import { toast } from "../ui/toasts";
import { joinCoco, joinCsv, nextPath } from "./export-pages";

type Kind = "csv" | "coco";

const MEGABYTE = 1_000_000;
const MAX_ATTEMPTS = 6;
const TYPES: Record<Kind, string> = { csv: "text/csv", coco: "application/json" };

export function Export() {
  const size = useSignal<number | null>(null); // characters read so far
  const problem = useSignal("");
  const stopping = useRef<AbortController | null>(null);
  const start = async (kind: Kind) => {
    stopping.current = new AbortController();
    size.value = 0;
    problem.value = "";
    try {
      const pages = await readAll(kind, stopping.current.signal, (characters) => {
        size.value = (size.value ?? 0) + characters;
      });
      const name = save(pages, kind);
      toast(messages.saved(name));
    } catch (error) {
      problem.value = stopping.current.signal.aborted ? "" : wordsFor(error);
    }
    size.value = null;
  };
  return (
    <section class="card" aria-labelledby="export">
      <h3 id="export">{messages.exportTitle}</h3>
      <p class="muted">{messages.exportLead}</p>
      {problem.value && <FormError>{problem.value}</FormError>}
      {size.value === null ? (
        <div class="card-actions">
          <ActionButton label={messages.exportCsv} icon="download" onClick={() => void start("csv")} />
          <ActionButton label={messages.exportCoco} icon="download" onClick={() => void start("coco")} />
        </div>
      ) : (
        <div class="running">
          <p role="status">{messages.readingLibrary(size.value / MEGABYTE)}</p>
          <progress class="progress" aria-label={messages.exportTitle} />
          <div class="card-actions">
            <ActionButton label={controls.stop} size="small" onClick={() => stopping.current?.abort()} />
          </div>
        </div>
      )}
    </section>
  );
}

async function readAll(kind: Kind, signal: AbortSignal, onPage: (characters: number) => void): Promise<string[]> {
  const pages: string[] = [];
  let path: string | null = `/export/${kind}`;
  while (path !== null) {
    const response = await readPage(path, signal);
    const text = await response.text();
    pages.push(text);
    onPage(text.length);
    path = nextPath(response.headers.get("Link"));
  }
  return pages;
}

/** Read a page, and retry when the API asks for a pause. */
async function readPage(path: string, signal: AbortSignal): Promise<Response> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await read(path, signal);
    } catch (error) {
      const wait = error instanceof Problem ? error.retryAfterSeconds : null;
      if (wait === null || attempt === MAX_ATTEMPTS) {
        throw error;
      }
      await pause(wait * 1000, signal);
    }
  }
}

/** Save the document as a download. Returns the name of the file, which contains today's date. */
function save(pages: readonly string[], kind: Kind): string {
  const text = kind === "csv" ? joinCsv(pages) : JSON.stringify(joinCoco(pages.map((page) => JSON.parse(page))));
  const name = `pixtag-${new Date().toLocaleDateString("sv")}.${kind === "csv" ? "csv" : "json"}`;
  saveFile(new Blob([text], { type: TYPES[kind] }), name);
  return name;
}
